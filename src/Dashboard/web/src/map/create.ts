/** Loads the map library (a chunk of its own) and makes maps that draw their own images. */
import type { Map as MapLibreMap, MapOptions } from 'maplibre-gl'
import { drawImage, PIXEL_RATIO } from './icons'

export type MapLibrary = typeof import('maplibre-gl')

let library: Promise<MapLibrary> | undefined

export function loadMapLibrary(): Promise<MapLibrary> {
  library ??= (async () => {
    const [maplibre, worker] = await Promise.all([
      import('maplibre-gl'),
      import('maplibre-gl/dist/maplibre-gl-worker.mjs?url'),
      import('maplibre-gl/dist/maplibre-gl.css'),
    ])
    // Under a bundler the library cannot find its worker by itself.
    maplibre.setWorkerUrl(worker.default)
    return maplibre
  })()
  return library
}

/** Words of the map's own controls. */
export interface MapWords {
  zoomIn: string
  zoomOut: string
  map: string
}

/** `attributed`: a base map by configuration wants its source named on the map. */
export function createMap(maplibre: MapLibrary, options: MapOptions, words: MapWords, attributed = false): MapLibreMap {
  const map = new maplibre.Map({
    attributionControl: attributed ? { compact: false } : false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: 120,
    maxZoom: 19,
    locale: { 'NavigationControl.ZoomIn': words.zoomIn, 'NavigationControl.ZoomOut': words.zoomOut, 'Map.Title': words.map },
    ...options,
  })
  map.touchZoomRotate.disableRotation()
  map.keyboard.disableRotation()
  map.setMissingStyleImageResolver((id) => {
    const image = drawImage(id)
    if (image && !map.hasImage(id)) map.addImage(id, image, { pixelRatio: PIXEL_RATIO })
  })
  return map
}
