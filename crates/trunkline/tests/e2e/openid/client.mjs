// What an application in a browser does with openid-client. Prints what it was told, as one JSON object.
import * as client from 'openid-client'

const [base, given] = process.argv.slice(2)
const { username, password, back } = JSON.parse(given)

/** What a person does on the page: gives where they are sent back to. */
async function signIn(url) {
    const page = await fetch(url)
    const text = await page.text()
    const form = new URLSearchParams({ username, password })
    for (const [, name, value] of text.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g)) {
        form.set(name, value.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'))
    }
    const cookie = page.headers.get('set-cookie').split(';')[0]
    const answer = await fetch(`${base}/authorize`, { method: 'POST', body: form, headers: { cookie }, redirect: 'manual' })
    return new URL(answer.headers.get('location'))
}

const calls = async token =>
    (await fetch(`${base}/cc/accounts/self/calls`, { headers: { authorization: `Bearer ${token}` } })).status

const options = { execute: [client.allowInsecureRequests] }
const config = await client.discovery(new URL(base), 'browser', undefined, client.None(), options)
const pkceCodeVerifier = client.randomPKCECodeVerifier()
const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()]
const asked = {
    redirect_uri: back,
    scope: 'openid',
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
}
const sent = await signIn(client.buildAuthorizationUrl(config, asked))
// It asks for the published keys itself, and checks signature, issuer, audience, times and nonce.
client.enableNonRepudiationChecks(config)
const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }
const tokens = await client.authorizationCodeGrant(config, sent, checks)
const claims = tokens.claims()
const who = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
const first = await calls(tokens.access_token)
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token)
const second = await calls(refreshed.access_token)
await client.tokenRevocation(config, refreshed.refresh_token)
const third = await calls(refreshed.access_token)
const silent = await fetch(client.buildAuthorizationUrl(config, { ...asked, prompt: 'none' }), { redirect: 'manual' })
console.log(JSON.stringify({
    claims, who, calls: first, refreshedCalls: second, revokedCalls: third,
    silent: new URL(silent.headers.get('location')).searchParams.get('error'),
}))
