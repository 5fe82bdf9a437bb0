import { describe, expect, it } from 'vitest'
import { area, distance, mu } from '@/format/area'
import { percent, rough, signed, significant } from '@/format/number'
import { ago, date, dateTime, dayInterval, duration, fromLocalInput, timeInterval, toLocalInput, wallTime } from '@/format/time'

describe('area', () => {
  it.each([[12.34, '12.3 m²'], [2600, '2,600 m²'], [999_999, '999,999 m²'], [1_500_000, '1.5 km²'], [null, '—'], [Number.NaN, '—']])('%s', (m2, text) => expect(area(m2, 'zh')).toBe(text))
  it('is 1/15 hectare to the 亩', () => {
    expect(mu(10_000 / 15, 'zh')).toBe('1 亩')
    expect(mu(2600, 'en')).toBe('3.9 mu')
  })
  it.each([[4.26, '4.3 m'], [61.5, '62 m'], [1234, '1.23 km']])('distance %s', (meters, text) => expect(distance(meters, 'en')).toBe(text))
})

describe('number', () => {
  it.each([[0.01234, '0.0123'], [9.894, '9.89'], [55.23, '55.2'], [1234.5, '1,235'], [0, '0'], [-3.456, '-3.46']])('significant %s', (value, text) => expect(significant(value, 'zh')).toBe(text))
  it.each([[0.5, '+0.50'], [-0.5, '−0.50'], [-0.001, '0.00'], [0, '0.00']])('signed %s', (value, text) => expect(signed(value, 'zh')).toBe(text))
  it.each([[104_857, '10.5万', '105 thousand'], [1_234_567, '123万', '1.23 million'], [950, '950', '950'], [null, '—', '—']])('rough %s', (value, zh, en) => {
    expect(rough(value, 'zh')).toBe(zh)
    expect(rough(value, 'en')).toBe(en)
  })
  it('percent', () => expect(percent(0.876, 'en')).toBe('88 %'))
})

describe('time', () => {
  it('shows instants in the zone and leaves calendar dates alone', () => {
    expect(dateTime('2026-04-30T17:05:00Z', 'Asia/Shanghai')).toBe('2026-05-01 01:05')
    expect(date('2026-04-30T17:05:00Z', 'Asia/Shanghai')).toBe('2026-05-01')
    expect(date('2026-04-30', 'America/New_York')).toBe('2026-04-30')
    expect(dateTime('2026-04-30T16:00:00Z', 'Asia/Shanghai')).toBe('2026-05-01 00:00')
    expect(dateTime('nonsense', 'Asia/Shanghai')).toBe('—')
  })
  it('joins intervals', () => {
    expect(dayInterval('2026-03-01T00:00:00Z', '2026-03-01T05:00:00Z', 'Asia/Shanghai')).toBe('2026-03-01')
    expect(timeInterval('2026-03-01T00:00:00Z', '2026-03-01T05:00:00Z', 'Asia/Shanghai')).toBe('2026-03-01 08:00 ~ 13:00')
    expect(timeInterval('2026-03-01T00:00:00Z', '2026-03-01T17:00:00Z', 'Asia/Shanghai')).toBe('2026-03-01 08:00 ~ 2026-03-02 01:00')
  })
  it('tells how long ago', () => {
    const now = Date.parse('2026-05-01T12:00:00Z')
    expect(ago('2026-05-01T11:59:40Z', now, 'zh')).toBe('刚刚')
    expect(ago('2026-05-01T11:57:00Z', now, 'en')).toBe('3 minutes ago')
    expect(ago('2026-04-28T12:00:00Z', now, 'zh')).toBe('3天前')
  })
  it.each([[45, '45 秒'], [300, '5 分钟'], [7200, '2 小时'], [259_200, '3 天']])('duration %s', (seconds, text) => expect(duration(seconds, 'zh')).toBe(text))
  it('reads and writes local inputs in the zone, also across a change of clocks', () => {
    expect(fromLocalInput('2026-05-01T08:30', 'Asia/Shanghai')).toBe('2026-05-01T00:30:00.000Z')
    expect(toLocalInput(new Date('2026-05-01T00:30:00Z'), { timeZone: 'Asia/Shanghai' })).toBe('2026-05-01T08:30')
    expect(fromLocalInput('2026-03-29T03:30', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z')
    expect(fromLocalInput('2026-03-29T01:30', 'Europe/Berlin')).toBe('2026-03-29T00:30:00.000Z')
    expect(fromLocalInput('', 'Asia/Shanghai')).toBeUndefined()
  })
  it('turns instants into wall times for charts', () => {
    expect(wallTime('2026-05-01T00:30:15Z', 'Asia/Shanghai')).toBe(Date.parse('2026-05-01T08:30:15Z'))
    expect(wallTime('2026-07-01T00:00:00Z', 'Asia/Kolkata')).toBe(Date.parse('2026-07-01T05:30:00Z'))
  })
})
