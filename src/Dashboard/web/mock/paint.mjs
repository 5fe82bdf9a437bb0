// Satellite-looking tiles of the invented county: fields, river, towns and the buildings that stand on the scene's day.
import { PNG } from 'pngjs'
import { metres } from './world.mjs'

const hash = (x, y, s = 0) => { let h = Math.imul(x | 0, 374761393) ^ Math.imul(y | 0, 668265263) ^ Math.imul(s, 2246822519); h = Math.imul(h ^ (h >>> 13), 1274126177); return ((h ^ (h >>> 16)) >>> 0) / 4294967296 }
const smooth = (t) => t * t * (3 - 2 * t)
function noise(x, y, s) { const i = Math.floor(x), j = Math.floor(y), u = smooth(x - i), v = smooth(y - j); const a = hash(i, j, s), b = hash(i + 1, j, s), c = hash(i, j + 1, s), d = hash(i + 1, j + 1, s); return a + (b - a) * u + (c - a) * v + (a - b - c + d) * u * v }

export const tileLon = (x, z) => (x / 2 ** z) * 360 - 180
export const tileLat = (y, z) => (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / 2 ** z))) * 180) / Math.PI

function ground(x, y, month) {
  const green = 0.55 + 0.45 * Math.cos(((month - 6.5) / 12) * Math.PI * 2)
  const river = Math.abs(y - (-2900 + x * 0.28 + 420 * Math.sin(x / 1500)))
  if (river < 95) return [58, 84, 92, 20]
  const lake = Math.hypot((x + 3300) / 1.3, y - 3300)
  if (lake < 620 + 120 * noise(x / 300, y / 300, 9)) return [50, 82, 88, 18]
  const hill = noise(x / 1600, y / 1600, 3)
  const turn = 0.3 * Math.round(hill * 4)
  const fx = Math.floor((x * Math.cos(turn) + y * Math.sin(turn)) / 170), fy = Math.floor((y * Math.cos(turn) - x * Math.sin(turn)) / 95)
  const crop = hash(fx, fy, 5)
  if (hill > 0.66) { const n = noise(x / 40, y / 40, 7); return [46 + 26 * n, 72 + 28 * n + 8 * green, 44 + 18 * n, 120 + 70 * green] }
  const veg = Math.max(0, green * (0.5 + 0.7 * crop) - (crop > 0.82 ? 0.6 : 0))
  const grain = 10 * noise(x / 18, y / 18, 2)
  return [168 - 96 * veg + grain, 152 - 42 * veg + grain, 116 - 58 * veg + grain, 90 + 130 * veg]
}
const road = (x, y) => Math.min(Math.abs(((x + 400) % 2600 + 2600) % 2600 - 1300), Math.abs(((y - 300 + x * 0.05) % 2200 + 2200) % 2200 - 1100))
const inside = (p, x, y) => { let odd = false; for (let i = 0, j = p.length - 1; i < p.length; j = i++) { if ((p[i][1] > y) !== (p[j][1] > y) && x < ((p[j][0] - p[i][0]) * (y - p[i][1])) / (p[j][1] - p[i][1]) + p[i][0]) odd = !odd } return odd }

export function paint(world, scene, lonOf, latOf, size, falseColour) {
  const png = new PNG({ width: size, height: size })
  const when = Date.parse(scene.acquiredAt)
  const month = new Date(when).getUTCMonth() + new Date(when).getUTCDate() / 30
  const standing = world.buildings.filter((b) => b.from < when).map((b) => ({ ...b, x0: Math.min(...b.p.map((q) => q[0])), x1: Math.max(...b.p.map((q) => q[0])), y0: Math.min(...b.p.map((q) => q[1])), y1: Math.max(...b.p.map((q) => q[1])) }))
  const [ax, ay] = metres(lonOf(0), latOf(size)), [bx, by] = metres(lonOf(size), latOf(0))
  const near = standing.filter((b) => b.x1 > ax - 40 && b.x0 < bx + 40 && b.y1 > ay - 40 && b.y0 < by + 40)
  const seed = Math.floor(when / 86_400_000)
  const cloud = (scene.cloudCover ?? 0) / 100
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      let [x, y] = metres(lonOf(column + 0.5), latOf(row + 0.5))
      const k = (row * size + column) * 4
      if (Math.abs(x) > 6600 || Math.abs(y) > 5500) { png.data[k + 3] = 0; continue }
      x = Math.floor(x / 10) * 10 + 5
      y = Math.floor(y / 10) * 10 + 5
      let c = ground(x, y, month)
      if (road(x, y) < 9) c = [150, 148, 144, 60]
      for (const b of near) {
        if (x < b.x0 - 25 || x > b.x1 + 25 || y < b.y0 - 25 || y > b.y1 + 25) continue
        if (inside(b.p, x, y)) c = b.roof < 0.3 ? [176, 108, 92, 70] : b.roof < 0.55 ? [120, 146, 178, 70] : [208 + 20 * b.roof, 206 + 18 * b.roof, 202 + 14 * b.roof, 80]
        else if (inside(b.p, x + 12, y + 12) && b.from > 0) c = c.map((v) => v * 0.62)
      }
      const n = hash(x, y, seed) * 9 - 4
      let [r, g, b, i] = c.map((v) => v + n)
      if (falseColour) [r, g, b] = [i, r, g]
      if (cloud > 0.05) { const q = noise(x / 1500 + seed, y / 1500, 11) * 0.7 + noise(x / 420, y / 420 + seed, 12) * 0.3; const share = Math.max(0, Math.min(1, (q - (1 - cloud) * 0.78) * 6)); r += (240 - r) * share; g += (242 - g) * share; b += (245 - b) * share }
      png.data[k] = Math.max(0, Math.min(255, r)); png.data[k + 1] = Math.max(0, Math.min(255, g)); png.data[k + 2] = Math.max(0, Math.min(255, b)); png.data[k + 3] = 255
    }
  }
  return PNG.sync.write(png, { deflateLevel: 3 })
}
