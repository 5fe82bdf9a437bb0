/** Scenes by day: what was acquired on one day in the reader's zone lies on the map together. */
import type { SceneSummary } from '@/api/types'
import { date } from '@/format/time'

export interface SceneDay {
  day: string
  scenes: SceneSummary[]
  /** Mean of what is known, percent. */
  cloudCover?: number
}

/** Ascending by day. */
export function sceneDays(scenes: readonly SceneSummary[], timeZone: string): SceneDay[] {
  const days = new Map<string, SceneSummary[]>()
  for (const scene of scenes) {
    const day = date(scene.acquiredAt, timeZone)
    const list = days.get(day)
    if (list) list.push(scene)
    else days.set(day, [scene])
  }
  return [...days.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([day, items]) => {
      const known = items.map((scene) => scene.cloudCover).filter((c): c is number => typeof c === 'number')
      return {
        day,
        scenes: items.sort((a, b) => (a.acquiredAt < b.acquiredAt ? 1 : -1)),
        cloudCover: known.length > 0 ? known.reduce((sum, c) => sum + c, 0) / known.length : undefined,
      }
    })
}

/** The wanted scene's day; without a wish the newest day with little cloud (percent), else the newest with some, else the newest. */
export function dayIndex(days: readonly SceneDay[], wanted: string | undefined, mostCloud: readonly number[] = [15, 45]): number {
  if (wanted) {
    const found = days.findIndex((day) => day.day === wanted || day.scenes.some((scene) => scene.id === wanted))
    if (found >= 0) return found
  }
  for (const most of mostCloud) {
    const found = days.findLastIndex((day) => day.cloudCover === undefined || day.cloudCover <= most)
    if (found >= 0) return found
  }
  return days.length - 1
}
