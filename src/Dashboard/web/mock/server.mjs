// A stand-in for the service while the pages are developed: the REST answers of docs/formats/api.md and the warnings hub
// (SignalR's JSON protocol over a WebSocket). Usage: node mock/server.mjs [--port 8089] [--quiet] [--static ../wwwroot] [--empty]
import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import GeoJsonTiles from 'geojson-vt'
import vtpbf from 'vt-pbf'
import { WebSocketServer } from 'ws'
import { at, DAY, dice, iso, makeWorld } from './world.mjs'
import { paint, tileLat, tileLon } from './paint.mjs'

const { values: options } = parseArgs({ options: { port: { type: 'string', default: '8089' }, quiet: { type: 'boolean', default: false }, static: { type: 'string' }, empty: { type: 'boolean', default: false } } })
const startedAt = Date.now()
const world = makeWorld(7, startedAt)
if (options.empty) Object.assign(world, { alerts: [], scenes: [], devices: [], patches: [] })
const session = { signedIn: false, must: false }
const people = [
  { name: 'admin', displayName: '管理员', role: 'administrator', regionPrefixes: null, mustChangePassword: false },
  { name: 'wang.fang', displayName: '王芳', role: 'officer', regionPrefixes: ['998421', '998422101'], mustChangePassword: false },
  { name: 'zhao', displayName: '赵一鸣', role: 'viewer', regionPrefixes: ['9984'], mustChangePassword: true },
]
const changes = []
const clean = (a) => Object.fromEntries(Object.entries(a).filter(([k]) => !k.startsWith('_')))
const changesOf = new Map(world.alerts.map((a) => [a.id, [
  { sequence: a.sequence, kind: 'fired', at: a.firedAt ?? a.startsAt, actor: 'system', alert: clean(a) },
  ...(a.acknowledgedBy ? [{ sequence: a.sequence + 1, kind: 'acknowledged', at: a.acknowledgedAt, actor: a.acknowledgedBy, note: '已电话通知镇规划所', alert: clean(a) }] : []),
]]))
const verified = new Map()
if (world.alerts[8]) verified.set(world.alerts[8].id, { outcome: 'illegal', person: '周岚', at: iso(startedAt - 20 * DAY), reason: '现场为钢结构厂房，已封顶，当事人不能出示任何批准文件。', photoHashes: ['a'.repeat(64), 'b'.repeat(64)], longitude: at(-5200, 1900)[0], latitude: at(-5200, 1900)[1] })
let head = 200

// ---- tiles
const collections = {
  regions: world.regions, 'control-lines': world.controlLines, permits: world.permits, parcels: world.parcels,
  patches: world.patches.map((p) => ({ id: p.id, geometry: p.geometry, properties: { kind: p.kind, verdict: p.verdict } })),
}
const indexes = Object.fromEntries(Object.entries(collections).map(([layer, features]) => [layer, new GeoJsonTiles({ type: 'FeatureCollection', features: features.map((f) => ({ type: 'Feature', geometry: f.geometry, properties: { id: f.id, ...f.properties } })) }, { maxZoom: 16, extent: 4096 })]))
const toPbf = vtpbf.fromGeojsonVt ?? vtpbf.default?.fromGeojsonVt

// ---- telemetry
const bases = { noise_laeq: [48, 9], pm10: [70, 40], pm2_5: [38, 20], vibration_velocity: [0.6, 0.6], tilt: [0.12, 0.02], active_power: [14, 60], truck_pass: [2, 6] }
function valueAt(stream, ms) {
  const [base, swing] = bases[stream.property] ?? [1, 1]
  const hour = ((ms / 3600_000 + 8) % 24 + 24) % 24
  const work = hour > 7 && hour < 19 ? 1 : stream.deviceId === 'edge-03' && hour > 21 ? 0.9 : 0.12
  const n = dice(Math.floor(ms / 60_000) * 31 + stream.id.length * 7919 + stream.id.charCodeAt(6) * 13)()
  const slow = dice(Math.floor(ms / 3600_000) * 17 + stream.id.length * 101)()
  return Math.round((base + swing * work * (0.5 + 0.7 * n) + swing * 0.35 * slow) * 100) / 100
}
const gapAt = (stream, ms) => (Math.floor(ms / 3600_000) + stream.id.length) % 17 === 3 || (stream.deviceId === 'edge-06' && ms > startedAt - 5.4 * 3600_000) || stream.deviceId === 'edge-08'
function series(stream, from, to, bucket) {
  if (stream.property === 'camera_event') {
    const events = []
    for (let t = Math.ceil(from / 1800_000) * 1800_000; t < to; t += 1800_000) if (dice(t / 1000 + 5)() > 0.6) events.push({ t: iso(t + 400_000), text: ['excavator', 'crane', 'concrete_pump', 'earthmoving'][Math.floor(dice(t / 1000)() * 4)] })
    return { datastream: stream, bucketSeconds: bucket, points: [], events }
  }
  const points = []
  for (let t = Math.ceil(from / 1000 / bucket) * bucket * 1000; t < to; t += bucket * 1000) {
    if (gapAt(stream, t)) continue
    const v = valueAt(stream, t)
    if (stream.property === 'truck_pass') { const c = Math.round(v * bucket / 3600); if (c > 0) points.push({ t: iso(t), value: c, min: 1, max: 1, count: c, completeness: null }); continue }
    const spread = (bases[stream.property]?.[1] ?? 1) * 0.18
    points.push({ t: iso(t), value: v, min: Math.max(0, Math.round((v - spread) * 100) / 100), max: Math.round((v + spread * 1.3) * 100) / 100, count: Math.max(1, Math.round(bucket / 60)), completeness: dice(t / 1000)() > 0.9 ? 0.8 : 1 })
  }
  return { datastream: stream, bucketSeconds: bucket, points }
}
const streams = () => world.devices.flatMap((d) => d.datastreams)
let obsSequence = 5000
const latestOf = (s, ms) => (s.property === 'camera_event' ? { id: s.id, time: iso(ms), receivedTime: iso(ms + 800), text: 'excavator', quality: [], sequence: ++obsSequence } : { id: s.id, time: iso(ms), receivedTime: iso(ms + 600), number: s.property === 'truck_pass' ? 1 : valueAt(s, ms), quality: [], sequence: ++obsSequence })

// ---- indicators
const definitions = [
  ['sensed-built-up', '遥感建成区覆盖率', 'Sensed built-up cover', '%', 'atMost', false], ['sensed-built-up-in-red-line', '生态保护红线内遥感建设面积', 'Sensed built-up inside the ecological red line', 'ha', 'atMost', true],
  ['sensed-built-up-in-farmland', '永久基本农田内遥感建设面积', 'Sensed built-up inside permanent basic farmland', 'ha', 'atMost', true], ['sensed-built-up-outside-boundary', '城镇开发边界外遥感建设面积', 'Sensed built-up outside the urban boundary', 'ha', 'atMost', true],
  ['vegetation-restoration', '植被恢复指数（同季对比）', 'Vegetation restoration, same season', '%', 'atLeast', false], ['confirmed-cases', '现场认定案件数', 'Field-confirmed cases', '1', 'informative', false],
].map(([code, name, nameEn, unit, direction, binding], i) => ({ code, system: 'sensed', definitionVersion: '2026.1', name, nameEn, unit, direction, binding, proxy: i < 5 }))
function indicator(code, region) {
  const definition = definitions.find((d) => d.code === code)
  const k = definitions.indexOf(definition), r = dice(k * 97 + Number(region))
  const base = [8.1, 3.2, 6.4, 41, 62, 0][k], drift = [0.055, 0.02, 0.09, 0.35, 0.2, 0][k]
  const values = []
  const first = new Date(startedAt)
  for (let i = 23; i >= 0; i--) {
    const month = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() - i, 1))
    const share = Math.min(1, 0.35 + r() * 0.65), gap = (i === 15 || i === 9) && k < 5
    const step = 23 - i
    values.push({ month: month.toISOString().slice(0, 10), value: gap ? null : k === 5 ? Math.floor(r() * 3) : Math.round((base + drift * step + (step > 16 && k < 4 ? drift * (step - 16) * 1.4 : 0) + (r() - 0.5) * drift) * 1000) / 1000, observableShare: k === 5 ? null : gap ? 0.04 : share, computedAt: iso(Math.min(startedAt - 3600_000, month.getTime() + 33 * DAY)), inputsThrough: iso(Math.min(startedAt - 2 * DAY, month.getTime() + 28 * DAY)) })
  }
  const start = values[0].month
  const target = k === 5 || Number(region) % 10 === 5 ? null : { baseDate: start, baseValue: base, targetDate: new Date(Date.parse(start) + 1460 * DAY).toISOString().slice(0, 10), targetValue: Math.round((base + drift * 48 * (definition.direction === 'atLeast' ? 1.3 : 0.9)) * 100) / 100, tolerance: Math.round(drift * 5 * 100) / 100 }
  return { definition, region, values, target }
}

// ---- alerts
const firstOf = (list) => list.reduce((m, a) => (a ? [...m, a] : m), [])
function detail(id) {
  const a = world.alerts.find((x) => x.id === id)
  if (!a) return undefined
  const site = a.subject.kind === 'site'
  const [lon, lat] = a.center ?? at(0, 0)
  const close = (f, reach) => { const c = f.geometry.coordinates[0]; const x = c.reduce((s, p) => s + p[0], 0) / c.length, y = c.reduce((s, p) => s + p[1], 0) / c.length; return Math.hypot((x - lon) * 94000, (y - lat) * 111000) < reach }
  const finding = (n, at) => ({ id: `${a.findingId}-${n}`, ruleId: a.ruleId, ruleVersion: '3', detectorId: site ? 'imad-change' : 'site-activity', detectorVersion: '1.0.0', condition: 'holds', severity: a.severity, phenomenonStart: a.notBefore ?? a.startsAt, phenomenonEnd: a.startsAt, detectedAt: at, score: a.score, verdict: a.verdict, reasons: a.reasons, inputs: site ? firstOf([a._before && { kind: 'scene', id: a._before.id, hash: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' }, a._after && { kind: 'scene', id: a._after.id, hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08' }, { kind: 'patch', id: `${a.id}-p` }]) : [{ kind: 'observations', id: 'edge-01/truck@…' }], mapVersion: 12 })
  const verification = verified.get(id)
  const nearest = [...world.devices].sort((p, q) => Math.hypot(p.thing.longitude - lon, p.thing.latitude - lat) - Math.hypot(q.thing.longitude - lon, q.thing.latitude - lat))[0]
  const isNear = nearest && Math.hypot((nearest.thing.longitude - lon) * 94000, (nearest.thing.latitude - lat) * 111000) < 500
  return {
    ...clean(a), changes: changesOf.get(id) ?? [], findings: [finding(1, a.firedAt ?? a.startsAt)],
    patches: site ? [{ id: `${a.id}-p`, changeSetId: 'cs-1', siteId: a.subject.id, kind: 'builtUp', score: a.score, notBefore: a.notBefore, notAfter: a.startsAt, areaSquareMeters: a.areaSquareMeters, geometry: a.geometry, verdict: a.verdict, reasons: a.reasons, mapVersion: 12 }] : [],
    case: a.caseId ? { id: a.caseId, alertId: id, siteId: a.subject.id, state: verification ? 'judged' : 'detected', openedAt: a.firedAt, decidedAt: verification?.at, verification } : null,
    plan: { controlLines: world.controlLines.filter((f) => close(f, 1800)), permits: world.permits.filter((f) => close(f, 700)), parcels: world.parcels.filter((f) => close(f, 700)) },
    before: a._before ?? null, after: a._after ?? null, related: world.alerts.filter((b) => b.id !== id && b.center && Math.hypot((b.center[0] - lon) * 94000, (b.center[1] - lat) * 111000) < 400).map(clean),
    telemetry: isNear || !site ? (nearest?.datastreams ?? []) : [],
  }
}
const inForce = () => world.alerts.filter((a) => a.state === 'firing').length
const overview = () => ({
  regions: world.regions.map((r) => ({ code: r.id, name: r.properties.name, nameEn: r.properties.nameEn, bbox: boxOf(r.geometry) })), bbox: boxOf(world.regions[0].geometry),
  counts: { firing: inForce(), pending: world.alerts.filter((a) => a.state === 'pending').length, acknowledged: world.alerts.filter((a) => a.acknowledgedBy).length, devices: world.devices.length, devicesSilent: 1, scenes: world.scenes.length },
  lastSequence: head, newestScene: world.scenes[0], now: iso(Date.now()),
})
const boxOf = (g) => { const c = g.coordinates[0]; return [Math.min(...c.map((p) => p[0])), Math.min(...c.map((p) => p[1])), Math.max(...c.map((p) => p[0])), Math.max(...c.map((p) => p[1]))] }
function note(alert, kind, actor, text) {
  alert.sequence = ++head
  const change = { sequence: head, kind, at: iso(Date.now()), actor, note: text, alert: clean({ ...alert }) }
  changesOf.set(alert.id, [...(changesOf.get(alert.id) ?? []), change])
  changes.push(change)
  broadcast()
  return head
}

// ---- http
const json = (res, body, status = 200) => { res.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' }); res.end(JSON.stringify(body)) }
const problem = (res, status, detail) => { res.writeHead(status, { 'Content-Type': 'application/problem+json' }); res.end(JSON.stringify({ status, detail })) }
const bodyOf = async (req) => { const parts = []; for await (const p of req) parts.push(p); return Buffer.concat(parts) }
const pngCache = new Map()
const media = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json' }
const csp = "default-src 'self'; img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"

async function handle(req, res) {
  const url = new URL(req.url, 'http://x'), path = url.pathname, q = url.searchParams
  if (!path.startsWith('/api') && !path.startsWith('/hubs')) return serveFile(path, res)
  if (path === '/hubs/warnings/negotiate') return json(res, { connectionId: 'c', connectionToken: 't', negotiateVersion: 1, availableTransports: [{ transport: 'WebSockets', transferFormats: ['Text'] }] })
  if (path === '/api/session') {
    if (req.method === 'POST') {
      const { user, password } = JSON.parse((await bodyOf(req)).toString())
      if (password === 'locked') { res.setHeader('Retry-After', '60'); return problem(res, 429, 'locked') }
      if (password === 'wrong') return problem(res, 401, 'no')
      Object.assign(session, { signedIn: true, must: user === 'fresh', user })
      res.writeHead(204)
      return res.end()
    }
    if (req.method === 'DELETE') { session.signedIn = false; res.writeHead(204); return res.end() }
    return json(res, { signedIn: session.signedIn, user: session.signedIn ? { name: session.user, displayName: session.user === 'viewer' ? '只读' : '周岚', role: { viewer: 'viewer', admin: 'administrator' }[session.user] ?? 'officer', regionPrefixes: null, mustChangePassword: session.must } : undefined, demonstration: true, version: '0.1.0', timeZone: 'Asia/Shanghai' })
  }
  if (path === '/api/session/password') { session.must = false; res.writeHead(204); return res.end() }
  if (!session.signedIn) return problem(res, 401, 'Sign in first.')
  let m
  if (path === '/api/users') {
    if (req.method !== 'POST') return json(res, people)
    const made = { mustChangePassword: true, ...JSON.parse((await bodyOf(req)).toString()) }
    people.push(made)
    return json(res, { ...made, password: 'kT7mPq2RxWv9HsNa' })
  }
  if ((m = /^\/api\/users\/([^/]+)(\/password)?$/.exec(path))) {
    const person = people.find((p) => p.name === decodeURIComponent(m[1]))
    if (!person) return problem(res, 404, 'There is no such user.')
    if (m[2]) { person.mustChangePassword = true; return json(res, { password: 'kT7mPq2RxWv9HsNa' }) }
    if (req.method === 'DELETE') { people.splice(people.indexOf(person), 1); res.writeHead(204); return res.end() }
    return json(res, Object.assign(person, JSON.parse((await bodyOf(req)).toString())))
  }
  if (path === '/api/overview') return json(res, overview())
  if (path === '/api/alerts') { const states = (q.get('state') ?? 'firing,pending,resolved').split(','); return json(res, { items: world.alerts.filter((a) => states.includes(a.state)).sort((a, b) => (b.firedAt ?? b.startsAt).localeCompare(a.firedAt ?? a.startsAt)).map(clean) }) }
  if (/^\/api\/alerts\/[^/]+\/assignees$/.test(path)) return json(res, people.map(({ name, displayName }) => ({ name, displayName })))
  if ((m = /^\/api\/alerts\/([^/]+)$/.exec(path))) { const d = detail(decodeURIComponent(m[1])); return d ? json(res, d) : problem(res, 404, 'There is no such alert.') }
  if ((m = /^\/api\/alerts\/([^/]+)\/(acknowledge|assign|verification)$/.exec(path))) {
    const alert = world.alerts.find((a) => a.id === m[1]), body = await bodyOf(req)
    if (m[2] === 'acknowledge') { alert.acknowledgedBy = '周岚'; alert.acknowledgedAt = iso(Date.now()); return json(res, { sequence: note(alert, 'acknowledged', '周岚') }) }
    if (m[2] === 'assign') { alert.assignee = JSON.parse(body.toString()).assignee; return json(res, { sequence: note(alert, 'assigned', '周岚', alert.assignee) }) }
    const field = (name) => new RegExp(`name="${name}"\r\n\r\n([^]*?)\r\n--`).exec(body.toString('utf8'))?.[1]
    verified.set(alert.id, { outcome: field('outcome'), person: field('person'), at: field('at'), reason: field('reason'), photoHashes: [...body.toString('latin1').matchAll(/name="photos"/g)].map((_, i) => String(i).repeat(64)) })
    Object.assign(alert, { state: 'resolved', resolveReason: 'humanOutcome', resolvedAt: iso(Date.now()) })
    note(alert, 'verified', '周岚', field('reason'))
    return json(res, { sequence: note(alert, 'resolved', 'system') })
  }
  if (path === '/api/devices') return json(res, world.devices)
  if (path === '/api/datastreams/latest') return json(res, streams().filter((s) => !gapAt(s, Date.now())).map((s) => latestOf(s, Date.now() - 20_000)))
  if (path === '/api/datastreams/series') {
    const stream = streams().find((s) => s.id === q.get('id')), iv = /^PT(\d+)([SMH])$/.exec(q.get('bucket') ?? 'PT5M')
    return stream ? json(res, series(stream, Date.parse(q.get('from')), Math.min(Date.now(), Date.parse(q.get('to'))), Number(iv[1]) * { S: 1, M: 60, H: 3600 }[iv[2]])) : problem(res, 404, 'There is no such datastream.')
  }
  if (path === '/api/ledger') return json(res, { received: 184_233, accepted: 183_102, duplicates: 1_079, rejected: { malformed: 12, unknownDatastream: 9, missingTime: 3, conflict: 24 }, pending: 4, deadLetters: Array.from({ length: 24 }, (_, i) => ({ sequence: 48 - i, door: 'mqtt', deviceId: i % 5 === 4 ? null : `edge-0${1 + (i % 7)}`, address: `devices/edge-0${1 + (i % 7)}/obs`, receivedTime: iso(Date.now() - i * 931_000), reason: ['conflict', 'unknownDatastream', 'malformed', 'missingTime'][i % 4], detail: ['The result 71.2 at 2026-05-01T08:00:00Z differs from the accepted 70.9.', 'The device has no datastream "pm1"; register it or mend the payload.', 'The payload ends inside a string at byte 112.', 'observations[0].time has no zone; send an offset or Z.'][i % 4] })) })
  if (path === '/api/scenes') return json(res, world.scenes)
  if ((m = /^\/api\/scenes\/([^/]+)\/tiles\/(\d+)\/(\d+)\/(\d+)\.png$/.exec(path))) {
    const scene = world.scenes.find((s) => s.id === m[1]), [z, x, y] = m.slice(2).map(Number)
    const [w, s, e, n] = scene.bbox
    if (tileLon(x, z) > e || tileLon(x + 1, z) < w || tileLat(y, z) < s || tileLat(y + 1, z) > n) { res.writeHead(204); return res.end() }
    const key = req.url
    if (!pngCache.has(key)) pngCache.set(key, paint(world, scene, (c) => tileLon(x + c / 256, z), (r) => tileLat(y + r / 256, z), 256, q.get('style') === 'falsecolour'))
    res.writeHead(200, { 'Content-Type': 'image/png', 'Cache-Control': 'max-age=600' })
    return res.end(pngCache.get(key))
  }
  if ((m = /^\/api\/scenes\/([^/]+)\/chip\.png$/.exec(path))) {
    const [w, s, e, n] = q.get('bbox').split(',').map(Number), size = 256
    res.writeHead(200, { 'Content-Type': 'image/png' })
    return res.end(paint(world, world.scenes.find((x) => x.id === m[1]), (c) => w + ((e - w) * c) / size, (r) => n - ((n - s) * r) / size, size, false))
  }
  if ((m = /^\/api\/map\/tiles\/([^/]+)\/(\d+)\/(\d+)\/(\d+)\.mvt$/.exec(path))) {
    const tile = indexes[m[1]]?.getTile(...m.slice(2).map(Number))
    if (!tile) { res.writeHead(204); return res.end() }
    res.writeHead(200, { 'Content-Type': 'application/vnd.mapbox-vector-tile' })
    return res.end(Buffer.from(toPbf({ [m[1]]: tile }, { version: 2 })))
  }
  if (path === '/api/map/at') {
    const lon = Number(q.get('lon')), lat = Number(q.get('lat'))
    const hit = (g) => { const p = g.coordinates[0]; let odd = false; for (let i = 0, j = p.length - 1; i < p.length; j = i++) if ((p[i][1] > lat) !== (p[j][1] > lat) && lon < ((p[j][0] - p[i][0]) * (lat - p[i][1])) / (p[j][1] - p[i][1]) + p[i][0]) odd = !odd; return odd }
    return json(res, [...world.controlLines, ...world.permits, ...world.parcels, ...world.regions].filter((f) => hit(f.geometry)))
  }
  if (path === '/api/indicators') return json(res, definitions)
  if ((m = /^\/api\/indicators\/([^/]+)$/.exec(path))) return json(res, indicator(decodeURIComponent(m[1]), q.get('region') ?? '998421'))
  if ((m = /^\/api\/evidence\/photos\/(\w+)$/.exec(path))) { res.writeHead(200, { 'Content-Type': 'image/png' }); const [w, s] = at(-5300, 1800), [e, n] = at(-5100, 2000); return res.end(paint(world, world.scenes[0], (c) => w + ((e - w) * c) / 200, (r) => n - ((n - s) * r) / 200, 200, false)) }
  return problem(res, 404, 'There is nothing at this address.')
}
async function serveFile(path, res) {
  const root = resolve(options.static ?? '../wwwroot')
  const wanted = extname(path) ? join(root, path) : join(root, 'index.html')
  if (!wanted.startsWith(root)) { res.writeHead(404); return res.end() }
  try {
    const bytes = await readFile(wanted)
    res.writeHead(200, { 'Content-Type': media[extname(wanted)] ?? 'application/octet-stream', 'Content-Security-Policy': csp, 'X-Content-Type-Options': 'nosniff' })
    res.end(bytes)
  } catch { res.writeHead(404); res.end() }
}

const server = createServer((req, res) => { handle(req, res).catch((error) => { console.error(error); if (!res.headersSent) problem(res, 500, String(error)) }) })
const sockets = new Set()
const END = '\x1e'
new WebSocketServer({ server, path: '/hubs/warnings' }).on('connection', (socket) => {
  const state = { through: null, ids: new Set() }
  sockets.add({ socket, state })
  const send = (message) => socket.readyState === 1 && socket.send(JSON.stringify(message) + END)
  socket.on('message', (data) => {
    for (const text of String(data).split(END).filter(Boolean)) {
      const message = JSON.parse(text)
      if (message.protocol) { state.ready = true; socket.send(`{}${END}`); continue }
      if (message.type === 6) { send({ type: 6 }); continue }
      if (message.type !== 1) continue
      if (message.target === 'Subscribe') { state.through = message.arguments[1]; send({ type: 3, invocationId: message.invocationId, result: { head, resync: message.arguments[1] > head } }); broadcast() }
      else if (message.target === 'SubscribeTelemetry') { state.ids = new Set(message.arguments[0]); send({ type: 3, invocationId: message.invocationId, result: null }) }
    }
  })
  socket.on('close', () => { for (const s of sockets) if (s.socket === socket) sockets.delete(s) })
})
function broadcast() {
  for (const { socket, state } of sockets) {
    if (state.through === null || socket.readyState !== 1 || state.through >= head) continue
    socket.send(JSON.stringify({ type: 1, target: 'Alerts', arguments: [{ after: state.through, through: head, items: changes.filter((c) => c.sequence > state.through) }] }) + END)
    state.through = head
  }
}
setInterval(() => { for (const { socket, state } of sockets) if (socket.readyState === 1 && state.ready) socket.send(`{"type":6}${END}`) }, 10_000)
setInterval(() => {
  for (const { socket, state } of sockets) {
    if (state.ids.size === 0 || socket.readyState !== 1) continue
    const live = streams().filter((s) => state.ids.has(s.id) && !gapAt(s, Date.now()) && s.expectedIntervalSeconds).map((s) => latestOf(s, Date.now()))
    if (live.length) socket.send(JSON.stringify({ type: 1, target: 'Observations', arguments: [live] }) + END)
  }
}, 3000)
let extra = 0
function warn() {
  const what = ['noApproval', 'farmland', 'redLine'][extra % 3]
  const a = world.siteAlert(what, -3000 + ((extra * 2311) % 6000), -2600 + ((extra * 1709) % 5200), 90 + ((extra * 37) % 80), 70, 4, extra, 3000)
  extra++
  a.firedAt = iso(Date.now())
  a.findingCount = 1
  world.alerts.unshift(a)
  note(a, 'fired', 'system')
}
if (!options.quiet) setInterval(warn, 25_000)
process.on('SIGUSR2', warn)
server.listen(Number(options.port), '127.0.0.1', () => console.log(`mock at http://127.0.0.1:${server.address().port}`))
