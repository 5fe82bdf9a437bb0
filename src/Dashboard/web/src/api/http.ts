/** An answer that is not a success, with the server's own sentence. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    /** The sentence of the problem details, or the status text. */
    readonly detail: string,
    /** Seconds to wait, when the server said so (Retry-After). */
    readonly retryAfterSeconds?: number,
  ) {
    super(detail)
    this.name = 'ApiError'
  }

  /** True when nobody answered at all. */
  get unreachable(): boolean {
    return this.status === 0
  }
}

/** Called when the server says that nobody is signed in (401 on anything but signing in itself). */
let onSignedOut: () => void = () => {}
export function whenSignedOut(action: () => void): void {
  onSignedOut = action
}

async function problemOf(response: Response): Promise<ApiError> {
  let detail = response.statusText || String(response.status)
  const text = await response.text()
  if (text) {
    try {
      const body: unknown = JSON.parse(text)
      if (typeof body === 'object' && body !== null) {
        const { detail: sentence, title } = body as { detail?: unknown; title?: unknown }
        if (typeof sentence === 'string' && sentence) detail = sentence
        else if (typeof title === 'string' && title) detail = title
      }
    } catch {
      // Not JSON: the status text stands.
    }
  }
  const retry = Number(response.headers.get('Retry-After'))
  return new ApiError(response.status, detail, Number.isFinite(retry) && retry > 0 ? retry : undefined)
}

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  json?: unknown
  form?: FormData
  signal?: AbortSignal
  /** A 401 is an answer here, not a lost session. */
  expectUnauthorized?: boolean
}

async function send(path: string, options: RequestOptions): Promise<Response> {
  const method = options.method ?? 'GET'
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (method !== 'GET') headers['X-Requested-With'] = 'monitoring'
  let body: BodyInit | undefined
  if (options.form) body = options.form
  else if (options.json !== undefined) {
    headers['Content-Type'] = 'application/json'
    body = JSON.stringify(options.json)
  }
  let response: Response
  try {
    response = await fetch(path, { method, headers, body, signal: options.signal, credentials: 'same-origin' })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiError(0, error instanceof Error ? error.message : String(error))
  }
  if (!response.ok) {
    if (response.status === 401 && !options.expectUnauthorized) onSignedOut()
    throw await problemOf(response)
  }
  return response
}

/** A request whose answer is JSON of the stated type; the contract is docs/formats/api.md. */
export async function fetchJson<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(path, options)
  return (await response.json()) as T
}

/** A request whose answer has no body that matters. */
export async function fetchNothing(path: string, options: RequestOptions = {}): Promise<void> {
  await send(path, options)
}

/** `?a=1&b=2` of what is set; empty text when nothing is. */
export function query(parameters: Record<string, string | number | undefined | null>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return text ? `?${text}` : ''
}
