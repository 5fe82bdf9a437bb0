/**
 * One meaning per colour, told apart by colour-blind eyes (built on Okabe and Ito's set, darkened for contrast on light ground);
 * shape, pattern or icon always says the same thing again. The style sheet carries the same values as custom properties.
 */
import type { Verdict } from '@/api/types'

export const palette = {
  verdict: { conflict: '#c9420b', review: '#e0a000', compliant: '#00805f', notJudged: '#66707d' } satisfies Record<Verdict, string>,
  /** Approved: the same meaning as a compliant verdict, so the same colour. */
  approved: '#00805f',
  /** Between two versions of a detector. Dashes say the same again on the map. */
  fate: { same: '#5f6b79', changed: '#e0a000', new: '#0068b3', gone: '#a3307a', 'not-observed': '#9aa4af' },
  /** The risk map: one hue from light to dark, so that more is darker for every eye. */
  risk: { 1: '#d9d3ea', 2: '#b3a6d6', 3: '#8467b5', 4: '#54278f' } as Record<number, string>,
  redLine: '#a3307a',
  farmland: '#8a6a00',
  boundary: '#0068b3',
  parcel: '#5f6b79',
  device: '#3f4fa3',
  silent: '#8b94a0',
  before: '#d9dee4',
  after: '#ffffff',
} as const

export interface MapTheme {
  ground: string
  land: string
  regionLine: string
  label: string
  labelHalo: string
}

export const mapThemes: Record<'light' | 'dark', MapTheme> = {
  light: { ground: '#dfe5e9', land: '#f3f4f1', regionLine: '#1f3547', label: '#14283a', labelHalo: 'rgba(255,255,255,0.92)' },
  dark: { ground: '#11181f', land: '#1c252e', regionLine: '#9fb4c6', label: '#eef3f7', labelHalo: 'rgba(10,16,22,0.9)' },
}
