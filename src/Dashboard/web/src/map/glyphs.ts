/** Outlines of the marker shapes and icons, shared by the map's canvas and the lists' SVG. All in a 24 × 24 box. */
import type { Verdict } from '@/api/types'
import type { SubjectIcon } from '@/words/headline'

/** The judgement as a shape: diamond, circle, rounded square, hexagon. */
export const verdictShapes: Record<Verdict, string> = {
  conflict: 'M12 .9c.5 0 1 .2 1.4.6l9.100 9.100c.8.8.8 2 0 2.800l-9.100 9.100c-.8.8-2 .8-2.800 0L1.500 13.400c-.8-.8-.8-2 0-2.800l9.100-9.100c.4-.4.9-.6 1.400-.6z',
  review: 'M12 1.500a10.500 10.500 0 1 1 0 21a10.500 10.500 0 1 1 0-21z',
  compliant: 'M5.500 2h13A3.500 3.500 0 0 1 22 5.500v13a3.500 3.500 0 0 1-3.500 3.500h-13A3.500 3.500 0 0 1 2 18.500v-13A3.500 3.500 0 0 1 5.500 2z',
  notJudged: 'M7 2.400h10a1.600 1.600 0 0 1 1.400.8l4.500 8a1.600 1.600 0 0 1 0 1.600l-4.500 8a1.600 1.600 0 0 1-1.400.8H7a1.600 1.600 0 0 1-1.400-.8l-4.500-8a1.600 1.600 0 0 1 0-1.600l4.500-8A1.600 1.600 0 0 1 7 2.400z',
}

/** What the warning comes from, as an icon within the shape (strokes, centred). */
export const subjectPaths: Record<SubjectIcon, string> = {
  building: 'M8 16.500v-8l4.500-2v10M12.500 10l3.500 1.200v5.300M6.800 16.500h10.400M10.100 10.300v.2M10.100 13.200v.2',
  activity: 'M6.500 8.500h6.500v6H6.500zM13 10.500h2.600l2 2v2H13M8.800 16.200a1.200 1.200 0 1 0 0-.1M15 16.200a1.200 1.200 0 1 0 0-.1',
  sensor: 'M6.300 12.500h2.200l1.700-4.500 3 8 1.700-3.500h2.800',
  chart: 'M7 16.500v-4M11 16.500V8M15 16.500v-6M6 16.500h11.500',
}

/** Dark icon on amber, white on the others. */
export const inkOn: Record<Verdict, string> = { conflict: '#ffffff', review: '#3a2700', compliant: '#ffffff', notJudged: '#ffffff' }
