// Tryton's JSON-RPC, as one who works there uses it. None of the connector's code has a part in it, so that both cannot be wrong
// together.

/** One call: `rpc('model.sale.sale.read', [7], ['state'])`. The company's context is added. */
export type Rpc = (method: string, ...params: unknown[]) => Promise<ReturnType<typeof JSON.parse>>

export type Login = {
  /** With the database: `http://127.0.0.1:4606/tryton/`. */
  readonly url: string
  readonly user: string
  readonly password: string
}

export type Session = {
  readonly company: number
  readonly rpc: Rpc
  /** With more than the company in its context. */
  within(context: object): Rpc
}

export async function signIn({ url, user, password }: Login): Promise<Session> {
  const login = async (): Promise<string> => {
    const [id, key] = await ask(url, 'common.db.login', [user, { password }, 'en'])
    return `Session ${Buffer.from(`${user}:${id}:${key}`).toString('base64')}`
  }
  let session = await login()
  const withLogin = async (method: string, params: unknown[]) =>
    ask(url, method, params, session).catch(async error => {
      // A session ends after a while, and with the server that gave it.
      if (!(error instanceof SignedOut)) throw error
      session = await login()
      return ask(url, method, params, session)
    })
  const { company } = await withLogin('model.res.user.get_preferences', [true, {}])
  const within =
    (more: object): Rpc =>
    (method, ...params) =>
      withLogin(method, [...params, { company, ...more }])
  return { company, rpc: within({}), within }
}

class SignedOut extends Error {}

async function ask(url: string, method: string, params: unknown[], authorization?: string) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
    body: JSON.stringify({ id: 1, method, params }),
  })
  const text = await response.text()
  if (response.status === 401) throw new SignedOut(`${method}: Tryton does not know this login`)
  if (!response.ok) throw new Error(`${method}: Tryton answers ${response.status} ${text}`)
  const { result, error } = JSON.parse(text)
  if (error) throw new Error(`${method}: ${JSON.stringify(error)}`)
  return result
}
