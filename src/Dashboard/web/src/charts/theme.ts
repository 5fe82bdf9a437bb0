/** Colours of charts for both themes; the meaning is the same as on the map. */
import type { Theme } from '@/stores/preferences'

export interface ChartTheme {
  ink: string
  muted: string
  grid: string
  surface: string
  value: string
  band: string
  limit: string
  target: string
  share: string
  gap: string
  event: string
}

export const chartThemes: Record<Theme, ChartTheme> = {
  light: { ink: '#14222f', muted: '#64748a', grid: '#e3e9ee', surface: '#ffffff', value: '#12507a', band: '#12507a', limit: '#a83305', target: '#7a5200', share: '#b7c6d3', gap: '#eceff2', event: '#3f4fa3' },
  dark: { ink: '#e8eef3', muted: '#8fa0b0', grid: '#2d3a46', surface: '#18222b', value: '#7cc0ef', band: '#7cc0ef', limit: '#ff9a6e', target: '#f4c65a', share: '#4a5f71', gap: '#222e39', event: '#9aa8f0' },
}
