// A small invented county for developing the pages without a server. Everything is generated from one seed.

export function dice(seed) {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const lon0 = 119.42, lat0 = 31.86
const perLon = 111320 * Math.cos((lat0 * Math.PI) / 180), perLat = 110900
/** Metres east and north of the county's middle to degrees. */
export const at = (x, y) => [lon0 + x / perLon, lat0 + y / perLat]
export const metres = (lon, lat) => [(lon - lon0) * perLon, (lat - lat0) * perLat]
const ring = (points) => [...points, points[0]].map(([x, y]) => at(x, y))
const polygon = (points) => ({ type: 'Polygon', coordinates: [ring(points)] })
const boxAt = (x, y, w, h, turn = 0) => {
  const c = Math.cos(turn), s = Math.sin(turn)
  return [[-w / 2, -h / 2], [w / 2, -h / 2], [w / 2, h / 2], [-w / 2, h / 2]].map(([u, v]) => [x + u * c - v * s, y + u * s + v * c])
}
const areaOf = (points) => Math.abs(points.reduce((sum, [x, y], i) => { const [u, v] = points[(i + 1) % points.length]; return sum + x * v - u * y }, 0) / 2)
const blob = (x, y, r, n, roll, wobble = 0.25) =>
  Array.from({ length: n }, (_, i) => { const a = (i / n) * Math.PI * 2, q = r * (1 - wobble + roll() * wobble * 2); return [x + Math.cos(a) * q, y + Math.sin(a) * q * 0.85] })

const iso = (ms) => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z')
const DAY = 86_400_000

export function makeWorld(seed, now) {
  const roll = dice(seed)
  const county = [[-6100, -4600], [-2300, -5300], [2200, -4900], [5600, -5200], [6300, -1200], [5900, 2600], [6200, 4800], [1800, 5300], [-2600, 4900], [-5900, 5200], [-6400, 900]]
  const cut = [
    { code: '998421101', name: '泽口镇', nameEn: 'Zekou Town', p: [[-6100, -4600], [-2300, -5300], [-1500, -900], [-6350, -700]] },
    { code: '998421102', name: '云桥镇', nameEn: 'Yunqiao Town', p: [[-2300, -5300], [2200, -4900], [5600, -5200], [6300, -1200], [1700, -700], [-1500, -900]] },
    { code: '998421103', name: '青圩镇', nameEn: 'Qingwei Town', p: [[-6350, -700], [-1500, -900], [-900, 1900], [-2600, 4900], [-5900, 5200], [-6400, 900]] },
    { code: '998421104', name: '石埠镇', nameEn: 'Shibu Town', p: [[-1500, -900], [1700, -700], [6300, -1200], [5900, 2600], [6050, 3600], [-900, 1900]] },
    { code: '998421105', name: '上湖乡', nameEn: 'Shanghu Township', p: [[-900, 1900], [6050, 3600], [6200, 4800], [1800, 5300], [-2600, 4900]] },
  ]
  const feature = (layer, id, points, more) => ({ layer, id, geometry: polygon(points), areaSquareMeters: Math.round(areaOf(points)), effectiveFrom: null, effectiveTo: null, document: null, properties: {}, ...more })
  const regions = [
    feature('region', '998421', county, { properties: { name: '云泽县', nameEn: 'Yunze County' } }),
    ...cut.map((c) => feature('region', c.code, c.p, { properties: { name: c.name, nameEn: c.nameEn } })),
  ]
  const controlLines = [
    feature('controlLine', 'ST-01', blob(-3400, 2900, 1500, 18, roll), { document: '云政函〔2021〕17号', effectiveFrom: '2021-06-01', properties: { kind: 'ecologicalProtectionRedLine', name: '上湖水源涵养红线' } }),
    feature('controlLine', 'ST-02', blob(4600, 3400, 900, 14, roll), { document: '云政函〔2021〕17号', effectiveFrom: '2021-06-01', properties: { kind: 'ecologicalProtectionRedLine', name: '东岭生物多样性红线' } }),
    ...[[-4300, -2700, 1300], [-700, -3400, 1100], [3600, -3300, 1250], [-3700, 400, 900], [2900, 2400, 950]].map(([x, y, r], i) =>
      feature('controlLine', `JB-0${i + 1}`, blob(x, y, r, 16, roll, 0.18), { document: '云农规〔2022〕5号', effectiveFrom: '2022-01-01', properties: { kind: 'permanentBasicFarmland', name: `永久基本农田 ${i + 1} 区` } })),
    feature('controlLine', 'CZ-01', blob(300, 300, 1900, 22, roll, 0.14), { document: '云政发〔2020〕40号', effectiveFrom: '2020-11-15', properties: { kind: 'urbanDevelopmentBoundary', name: '县城城镇开发边界' } }),
    feature('controlLine', 'CZ-02', blob(-4700, -3500, 420, 12, roll, 0.14), { document: '云政发〔2020〕40号', effectiveFrom: '2020-11-15', properties: { kind: 'urbanDevelopmentBoundary', name: '泽口镇区开发边界' } }),
  ]
  const kinds = ['construction_works', 'land_use', 'rural_planning', 'facility_agriculture', 'homestead']
  const permits = []
  const buildings = []
  for (let i = 0; i < 16; i++) {
    const x = -1300 + (i % 4) * 850 + roll() * 180, y = -1000 + Math.floor(i / 4) * 720 + roll() * 150
    const w = 130 + roll() * 150, h = 100 + roll() * 110, turn = roll() * 0.6
    const status = i === 5 ? 'expired' : i === 9 ? 'applied' : 'granted'
    const from = now - (700 - i * 35) * DAY
    permits.push(feature('permit', `建字第9984212024${String(1000 + i)}号`, boxAt(x, y, w, h, turn), {
      document: `云规许〔2024〕${30 + i}号`, effectiveFrom: iso(from).slice(0, 10), effectiveTo: iso(from + 730 * DAY).slice(0, 10),
      properties: { kind: kinds[i % kinds.length], status, project: ['云泽智造产业园一期', '滨河安置小区', '县第二中学扩建', '青圩粮食烘干中心', '石埠物流园'][i % 5], use_code: ['1001', '0701', '08', '06', '11'][i % 5] },
    }))
    if (i % 3 !== 1) buildings.push({ p: boxAt(x, y, w * 0.75, h * 0.7, turn), from: from + 90 * DAY, roof: roll() })
  }
  const parcels = []
  for (let i = 0; i < 90; i++) {
    const x = -5200 + (i % 10) * 1100, y = -4200 + Math.floor(i / 10) * 1040
    parcels.push(feature('parcel', `998421${101 + (i % 5)}003GB${String(10000 + i)}`, boxAt(x, y, 380, 320, 0.08), { properties: { use_code: ['0101', '0102', '03', '0703', '17'][i % 5], planned_use_code: ['0101', '0102', '03', '0703', '1001'][i % 5], legalAreaSquareMeters: 121600 } }))
  }
  // Old towns
  for (let i = 0; i < 260; i++) {
    const town = i % 5 === 0 ? [-4700, -3500] : i % 7 === 0 ? [3900, 500] : i % 11 === 0 ? [-3200, 3900] : [200, 250]
    const r = (town[0] === 200 ? 1350 : 330) * Math.sqrt(roll()), a = roll() * 6.283
    buildings.push({ p: boxAt(town[0] + Math.cos(a) * r, town[1] + Math.sin(a) * r, 26 + roll() * 60, 22 + roll() * 46, Math.round(roll() * 2) * 0.15), from: 0, roof: roll() })
  }

  // Satellite passes: every 15 to 22 days over two years
  const scenes = []
  for (let day = 730; day > 2; day -= 13 + Math.floor(roll() * 9)) {
    const acquired = now - day * DAY - 3 * 3600_000 + Math.floor(roll() * 1200_000)
    const cloud = roll() < 0.22 ? 30 + roll() * 55 : roll() * 18
    const season = Math.cos(((new Date(acquired).getUTCMonth() - 6) / 12) * Math.PI * 2)
    scenes.push({
      id: `sim-s2-${iso(acquired).slice(0, 10)}`, acquiredAt: iso(acquired), receivedAt: iso(acquired + 5 * 3600_000), platform: '哨兵二号（模拟）', collection: 'sim-msi-l2a',
      cloudCover: Math.round(cloud * 10) / 10, sunElevation: Math.round((48 + 20 * season) * 10) / 10, bbox: [at(-6600, -5500), at(6600, 5500)].flat(), gsdMeters: 10, bands: ['blue', 'green', 'red', 'nir', 'swir16', 'swir22'],
    })
  }
  scenes.reverse()

  // Unapproved building and other alerts
  const townOf = (x, y) => {
    const inside = (p) => p.reduce((odd, [ax, ay], i) => { const [bx, by] = p[(i + 1) % p.length]; return (ay > y) !== (by > y) && x < ((bx - ax) * (y - ay)) / (by - ay) + ax ? !odd : odd }, false)
    return cut.find((c) => inside(c.p)) ?? cut[0]
  }
  const plans = [
    ['noApproval', -2400, -2000, 165, 115, 40], ['farmland', -4100, -2500, 140, 100, 62], ['redLine', -3300, 2700, 112, 70, 90], ['outside', 420, -280, 150, 95, 120],
    ['noApproval', 2300, -1900, 96, 72, 150], ['farmland', 3500, -3300, 46, 38, 35], ['expired', 430, 480, 118, 88, 170], ['review', -480, 1150, 130, 90, 210],
    ['noApproval', -5200, 1900, 290, 200, 240], ['noApproval', 4900, -600, 60, 52, 260], ['redLine', 4500, 3300, 84, 62, 300], ['farmland', 2800, 2500, 104, 66, 330],
    ['noApproval', -1500, 3600, 66, 58, 380], ['review', 1300, -350, 92, 60, 420], ['farmland', -700, -3500, 94, 78, 460], ['noApproval', 700, 3300, 128, 90, 22],
  ]
  const alerts = []
  let sequence = 100
  const patches = []
  const base = (id, kind, x, y, more) => ({
    id, fingerprint: `${id}f00d`, severity: 'major', score: 0.75 + roll() * 0.23, regionCode: townOf(x, y).code, regionName: townOf(x, y).name,
    center: at(x, y), findingId: `f-${id}`, findingCount: 1 + Math.floor(roll() * 4), state: 'firing', verdict: 'conflict', sequence: ++sequence, subject: { kind, id: `S-${id}` }, ...more,
  })
  const siteAlert = (what, x, y, w, h, daysAgo, i, shift = 0) => {
    const points = boxAt(x, y, w, h, 0.2 * (i % 4))
    const started = now - (daysAgo + 12) * DAY
    const after = scenes.find((s, k) => Date.parse(s.acquiredAt) > started && s.cloudCover < 30 && scenes[k + 1] !== undefined && Date.parse(scenes[k + 1].acquiredAt) < started + 40 * DAY || Date.parse(s.acquiredAt) > started && s.cloudCover < 30) ?? scenes[0]
    const ordered = [...scenes].reverse()
    const afterScene = ordered.find((s) => Date.parse(s.acquiredAt) > started + 6 * DAY && s.cloudCover < 30) ?? after
    const beforeScene = [...ordered].reverse().find((s) => Date.parse(s.acquiredAt) < started && s.cloudCover < 30)
    buildings.push({ p: boxAt(x, y, w * 0.9, h * 0.86, 0.2 * (i % 4)), from: started, roof: 0.2 + roll() * 0.8 })
    const m2 = Math.round(w * h * 0.96)
    const mu = (m2 / 666.6667).toFixed(2)
    const permit = permits[i % permits.length]
    const lead = {
      noApproval: [{ code: 'no-approval', facts: { area_m2: String(m2), share: '1' } }, { code: 'outside-development-boundary', facts: { area_m2: String(m2), area_mu: mu } }],
      farmland: [{ code: 'no-approval', facts: { area_m2: String(m2), share: '1' } }, { code: 'inside-control-line', facts: { control_line: '永久基本农田', kind: 'permanentBasicFarmland', area_m2: String(m2), area_mu: mu } }, { code: 'control-line-outcome', facts: { kind: 'permanentBasicFarmland', outcome: 'conflict', document: '云农规〔2022〕5号' } }],
      redLine: [{ code: 'no-approval', facts: { area_m2: String(m2), share: '1' } }, { code: 'inside-control-line', facts: { control_line: '上湖水源涵养红线', kind: 'ecologicalProtectionRedLine', area_m2: String(m2), area_mu: mu } }],
      outside: [{ code: 'outside-approval', facts: { permit_no: permit.id, area_m2: String(Math.round(m2 * 0.4)), distance_m: '61.5' } }, { code: 'approved', facts: { permit_no: permit.id, share: '0.6' } }],
      expired: [{ code: 'approval-expired', facts: { permit_no: permit.id, valid_to: iso(started - 60 * DAY).slice(0, 10) } }],
      review: [{ code: 'approval-began-in-interval', facts: { permit_no: permit.id, valid_from: iso(started + 3 * DAY).slice(0, 10), not_before: beforeScene?.acquiredAt ?? '', not_after: afterScene.acquiredAt } }],
    }[what]
    const reasons = [
      ...lead,
      { code: 'parcel', facts: { parcel_id: parcels[(i * 7) % 90].id, use_code: '0101', planned_use_code: '0101', area_m2: String(m2) } },
      { code: 'change-kind', facts: { kind: 'builtUp', score: '0.91' } },
      { code: 'change-interval', facts: { not_before: beforeScene?.acquiredAt ?? '', not_after: afterScene.acquiredAt } },
      { code: 'index-change', facts: { ndvi: '-0.41', ndbi: '0.28', bsi: '0.19', mndwi: '-0.03' } },
      { code: 'seen-in-passes', facts: { count: '3', clear_pixels: String(Math.round(m2 / 100)) } },
    ]
    const fired = Date.parse(afterScene.acquiredAt) + 6 * 3600_000
    const alert = base(`A${String(1001 + i + shift)}`, 'site', x, y, {
      ruleId: 'building-without-approval', geometry: polygon(points), areaSquareMeters: m2, verdict: what === 'review' ? 'review' : 'conflict', severity: what === 'redLine' || what === 'farmland' ? 'critical' : 'major',
      startsAt: afterScene.acquiredAt, notBefore: beforeScene?.acquiredAt, lastHeldAt: scenes[0].acquiredAt, firingSince: afterScene.acquiredAt, firedAt: iso(Math.min(fired, now - 60_000)), reasons, caseId: `C${1001 + i + shift}`,
    })
    patches.push({ id: `${alert.id}-p`, alert: alert.id, kind: 'builtUp', verdict: alert.verdict, geometry: alert.geometry })
    return Object.assign(alert, { _before: beforeScene, _after: afterScene })
  }
  plans.forEach(([what, x, y, w, h, days], i) => alerts.push(siteAlert(what, x, y, w, h, days, i)))
  alerts[4].acknowledgedBy = '周岚'
  alerts[4].acknowledgedAt = iso(now - 30 * 3600_000)
  alerts[4].assignee = '沈立'
  alerts[6].acknowledgedBy = '沈立'
  alerts[6].acknowledgedAt = iso(now - 8 * 3600_000)
  Object.assign(alerts[8], { state: 'resolved', resolveReason: 'humanOutcome', resolvedAt: iso(now - 20 * DAY), acknowledgedBy: '周岚', acknowledgedAt: iso(now - 50 * DAY) })
  Object.assign(alerts[11], { state: 'resolved', resolveReason: 'demolitionObserved', resolvedAt: iso(now - 9 * DAY) })
  alerts[13].state = 'pending'
  alerts[9].state = 'pending'

  // Stations
  const names = [['泽口东工地', 'Zekou East site', -2350, -1950], ['圩北仓库旁', 'Weibei depot', -4000, -2380], ['云泽产业园一期', 'Yunze Park phase 1', 350, -200], ['滨河安置小区', 'Riverside housing', 460, 560], ['石埠物流园', 'Shibu logistics', 2350, -1800], ['上湖岸线站', 'Shanghu shore', -3200, 2600], ['县中学扩建', 'Middle school', -450, 1080], ['东岭边界站', 'Dongling edge', 4450, 3150]]
  const kindsOf = [['noise', 'noise_laeq', 'dB(A)', 60, 'energyMean'], ['pm10', 'pm10', 'ug/m3', 60, 'mean'], ['pm25', 'pm2_5', 'ug/m3', 60, 'mean'], ['vibration', 'vibration_velocity', 'mm/s', 60, 'max'], ['tilt', 'tilt', 'deg', 300, 'mean'], ['power', 'active_power', 'kW', 60, 'mean'], ['truck', 'truck_pass', '1', null, 'sum'], ['camera', 'camera_event', '1', null, 'none']]
  const devices = names.map(([name, nameEn, x, y], i) => {
    const [longitude, latitude] = at(x, y)
    const id = `edge-${String(i + 1).padStart(2, '0')}`
    const thing = { id: `T${i + 1}`, name, nameEn, longitude, latitude, region: townOf(x, y).code }
    const wanted = i % 3 === 2 ? kindsOf.slice(0, 5) : i % 3 === 1 ? [...kindsOf.slice(0, 2), ...kindsOf.slice(5)] : kindsOf
    return {
      id, thing, enabled: i !== 7, firmware: `1.${3 + (i % 3)}.${i}`, lastReceived: i === 5 ? iso(now - 5.4 * 3600_000) : i === 7 ? null : iso(now - 20_000),
      datastreams: wanted.map(([n, property, unit, expectedIntervalSeconds, aggregation]) => ({ id: `${id}/${n}`, deviceId: id, thingId: thing.id, name: n, property, unit, expectedIntervalSeconds, aggregation })),
    }
  })
  const groundAt = (thing) => { const d = devices[thing]; const [x, y] = metres(d.thing.longitude, d.thing.latitude); return [d, x, y] }
  {
    const [d, x, y] = groundAt(0)
    alerts.push(base('A2001', 'thing', x, y, { ruleId: 'site-activity', subject: { kind: 'thing', id: d.thing.id }, startsAt: iso(now - 5 * 3600_000), lastHeldAt: iso(now - 600_000), firingSince: iso(now - 4 * 3600_000), firedAt: iso(now - 4 * 3600_000), geometry: { type: 'Point', coordinates: at(x, y) }, reasons: [
      { code: 'activity-without-approval', facts: { thing: d.thing.id, distance_m: '250' } }, { code: 'truck-passes', facts: { count: '46', usual: '3', window_hours: '6' } },
      { code: 'power-draw', facts: { kwh: '312.4', usual_kwh: '18.2', window_hours: '6' } }, { code: 'camera-event', facts: { event: 'excavator', count: '12', last: iso(now - 1200_000) } }] }))
    const [e, u, v] = groundAt(2)
    alerts.push(base('A2002', 'datastream', u, v, { ruleId: 'noise-night', verdict: 'notJudged', severity: 'minor', subject: { kind: 'datastream', id: `${e.id}/noise` }, startsAt: iso(now - 3 * 3600_000), lastHeldAt: iso(now - 900_000), firedAt: iso(now - 2.5 * 3600_000), geometry: { type: 'Point', coordinates: at(u, v) }, reasons: [{ code: 'limit-exceeded', facts: { property: 'noise_laeq', value: '63.7', limit: '55', unit: 'dB(A)', window_minutes: '20', completeness: '0.95' } }] }))
    const [g, p, q] = groundAt(3)
    alerts.push(base('A2003', 'datastream', p, q, { ruleId: 'pm10', verdict: 'notJudged', severity: 'minor', state: 'resolved', resolveReason: 'conditionCleared', resolvedAt: iso(now - 7 * 3600_000), subject: { kind: 'datastream', id: `${g.id}/pm10` }, startsAt: iso(now - 12 * 3600_000), lastHeldAt: iso(now - 8 * 3600_000), firedAt: iso(now - 11 * 3600_000), geometry: { type: 'Point', coordinates: at(p, q) }, reasons: [{ code: 'limit-cleared', facts: { property: 'pm10', value: '96', limit: '150', unit: 'ug/m3', window_minutes: '60', completeness: '1' } }] }))
    alerts.push(base('A3001', 'indicator', 0, 0, { ruleId: 'indicator-off-course', verdict: 'notJudged', severity: 'minor', subject: { kind: 'indicator', id: 'sensed-built-up@998421' }, regionCode: '998421', regionName: '云泽县', center: null, geometry: null, startsAt: iso(now - 25 * DAY), lastHeldAt: iso(now - 25 * DAY), firedAt: iso(now - 24 * DAY), reasons: [{ code: 'off-course', facts: { value: '9.31', expected: '8.92', tolerance: '0.25', unit: '%', month: iso(now - 30 * DAY).slice(0, 7) } }] }))
  }
  return { regions, controlLines, permits, parcels, buildings, scenes, alerts, patches, devices, cut, townOf, siteAlert, roll, sequence: () => sequence, bump: () => ++sequence, now }
}
export { iso, DAY }
