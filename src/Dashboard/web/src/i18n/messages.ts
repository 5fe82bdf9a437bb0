import type { zh } from './zh'

/** The Chinese dictionary gives the shape; the compiler and a test hold the English one to it. */
export type Messages = typeof zh
