/** Draws the map's images when the style asks for them: alert pins, device dots, hatches of the control lines. */
import type { AlertState, Verdict } from '@/api/types'
import type { SubjectIcon } from '@/words/headline'
import { inkOn, subjectPaths, verdictShapes } from './glyphs'
import { palette } from './palette'

/** Images are drawn at twice their size on the page. */
export const PIXEL_RATIO = 2

export interface AlertPin {
  verdict: Verdict
  icon: SubjectIcon
  state: AlertState
  acknowledged: boolean
}

export const pinName = (pin: AlertPin): string => `pin|${pin.verdict}|${pin.icon}|${pin.state}|${pin.acknowledged ? 'ack' : 'new'}`

const verdicts: readonly Verdict[] = ['conflict', 'review', 'compliant', 'notJudged']
const icons: readonly SubjectIcon[] = ['building', 'activity', 'sensor', 'chart']
const states: readonly AlertState[] = ['pending', 'firing', 'resolved']

export function parsePinName(name: string): AlertPin | undefined {
  const [head, v, i, s, a] = name.split('|')
  const verdict = verdicts.find((known) => known === v)
  const icon = icons.find((known) => known === i)
  const state = states.find((known) => known === s)
  return head === 'pin' && verdict && icon && state ? { verdict, icon, state, acknowledged: a === 'ack' } : undefined
}

function canvas(width: number, height: number): CanvasRenderingContext2D | undefined {
  const element = document.createElement('canvas')
  element.width = width
  element.height = height
  return element.getContext('2d') ?? undefined
}

const imageOf = (context: CanvasRenderingContext2D): ImageData =>
  context.getImageData(0, 0, context.canvas.width, context.canvas.height)

/** A shape on a short stem whose foot is the place. Hollow: under watch. Grey: ended. With a tick: acknowledged. */
function drawPin(pin: AlertPin): ImageData | undefined {
  const context = canvas(76, 92)
  if (!context) return undefined
  const colour = pin.state === 'resolved' ? '#8b94a0' : palette.verdict[pin.verdict]
  const hollow = pin.state === 'pending'
  context.translate(8, 6)
  context.fillStyle = 'rgba(16,28,40,0.85)'
  context.beginPath()
  context.moveTo(24, 56)
  context.lineTo(30, 82)
  context.lineTo(36, 56)
  context.fill()
  context.scale(2.5, 2.5)
  const shape = new Path2D(verdictShapes[pin.verdict])
  context.shadowColor = 'rgba(10,20,30,0.45)'
  context.shadowBlur = 7
  context.shadowOffsetY = 2
  context.fillStyle = '#ffffff'
  context.strokeStyle = '#ffffff'
  context.lineJoin = 'round'
  context.lineWidth = 2.4
  context.stroke(shape)
  context.shadowColor = 'transparent'
  context.fillStyle = hollow ? '#ffffff' : colour
  context.fill(shape)
  context.lineWidth = hollow ? 2.2 : 0.6
  context.strokeStyle = colour
  context.stroke(shape)
  context.strokeStyle = hollow ? (pin.verdict === 'review' ? '#7a4d00' : colour) : pin.state === 'resolved' ? '#ffffff' : inkOn[pin.verdict]
  context.lineWidth = 1.7
  context.lineCap = 'round'
  context.stroke(new Path2D(subjectPaths[pin.icon]))
  if (pin.acknowledged) {
    context.beginPath()
    context.arc(21, 3.6, 4.4, 0, Math.PI * 2)
    context.fillStyle = '#14283a'
    context.fill()
    context.strokeStyle = '#ffffff'
    context.lineWidth = 1.4
    context.stroke(new Path2D('M18.900 3.700l1.500 1.500 2.700-3'))
  }
  return imageOf(context)
}

function drawDevice(silent: boolean): ImageData | undefined {
  const context = canvas(44, 44)
  if (!context) return undefined
  context.translate(22, 22)
  context.shadowColor = 'rgba(10,20,30,0.4)'
  context.shadowBlur = 5
  context.beginPath()
  context.arc(0, 0, 15, 0, Math.PI * 2)
  context.fillStyle = '#ffffff'
  context.fill()
  context.shadowColor = 'transparent'
  context.lineWidth = 4
  context.strokeStyle = silent ? palette.silent : palette.device
  if (silent) context.setLineDash([6, 4])
  context.stroke()
  context.setLineDash([])
  context.lineWidth = 3
  context.lineCap = 'round'
  if (silent) {
    context.beginPath()
    context.moveTo(-5, -5)
    context.lineTo(5, 5)
    context.moveTo(5, -5)
    context.lineTo(-5, 5)
    context.stroke()
  } else {
    context.beginPath()
    context.arc(0, 0, 5, 0, Math.PI * 2)
    context.fillStyle = palette.device
    context.fill()
  }
  return imageOf(context)
}

/** Hatches say in black and white what the colours say: slanted, dotted, crossed. */
function drawHatch(kind: string): ImageData | undefined {
  const size = 24
  const context = canvas(size, size)
  if (!context) return undefined
  context.lineWidth = 1.6
  if (kind === 'redLine') {
    context.strokeStyle = `${palette.redLine}b0`
    for (const offset of [-size, 0, size]) {
      context.beginPath()
      context.moveTo(offset, size)
      context.lineTo(offset + size, 0)
      context.stroke()
    }
  } else if (kind === 'farmland') {
    context.fillStyle = `${palette.farmland}c8`
    for (const [x, y] of [[6, 6], [18, 18]] as const) {
      context.beginPath()
      context.arc(x, y, 1.9, 0, Math.PI * 2)
      context.fill()
    }
  } else {
    context.strokeStyle = `${palette.approved}a8`
    context.beginPath()
    context.moveTo(0, 0)
    context.lineTo(size, size)
    context.moveTo(-size, 0)
    context.lineTo(size, size * 2)
    context.moveTo(0, -size)
    context.lineTo(size * 2, size)
    context.stroke()
  }
  return imageOf(context)
}

/** The image of a name that the style uses; undefined for names that are not ours. */
export function drawImage(name: string): ImageData | undefined {
  const pin = parsePinName(name)
  if (pin) return drawPin(pin)
  if (name === 'device') return drawDevice(false)
  if (name === 'device-silent') return drawDevice(true)
  if (name.startsWith('hatch-')) return drawHatch(name.slice(6))
  return undefined
}
