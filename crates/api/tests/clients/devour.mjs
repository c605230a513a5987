// devour-client against a running server, set up as the customer portal sets it up: no plural forms, names with
// dashes, and a login that is turned from a document into plain JSON and back.
// Needs: CLIENTS (a folder with node_modules), BASE, LOGIN, PASSWORD, ACCOUNT.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';

const { CLIENTS, BASE, LOGIN, PASSWORD, ACCOUNT } = process.env;
const JsonApi = createRequire(`${CLIENTS}/`)('devour-client');
const api = new JsonApi({ apiUrl: BASE, pluralize: false });

const attributes = (...names) => Object.fromEntries(names.map((name) => [name, '']));
const account = { jsonApi: 'hasOne', type: 'accounts' };
api.define('auth', attributes('login', 'password', 'jwt'));
api.define('accounts', attributes('name', 'balance', 'min-balance', 'max-balance', 'total-capacity'));
api.define('cdrs', { ...attributes('time-start', 'duration', 'success', 'customer-price', 'local-tag'), account });
api.define('chart-active-calls', {
  ...attributes('from-time', 'to-time', 'terminated-calls', 'originated-calls'), account,
});
api.define('cdr-exports', { ...attributes('filters', 'status', 'rows-count', 'time-format'), account });
api.define('services', {
  ...attributes('name', 'state', 'initial-price', 'renew-price', 'renew-at'), account,
  transactions: { jsonApi: 'hasMany', type: 'transactions' },
});
api.define('transactions', {
  ...attributes('description', 'amount', 'created-at'), account, service: { jsonApi: 'hasOne', type: 'services' },
});
api.define('phone-systems-sessions', attributes('service', 'phone-systems-url'));
api.insertMiddlewareBefore('axios-request', {
  name: 'login-request',
  req: (payload) => {
    if (payload.req.model === 'auth') payload.req.data = { auth: payload.req.data.data.attributes };
    return payload;
  },
});
api.insertMiddlewareBefore('response', {
  name: 'login-response',
  res: (payload) => {
    if (payload.req.model === 'auth') payload.res.data = { data: { type: 'auth', attributes: payload.res.data } };
    return payload;
  },
});
const refused = async (request) => {
  try { await request; } catch (errors) { return errors; }
  assert.fail('it was not refused');
};

// Logging in: the portal sends a token that is none along.
api.headers.Authorization = 'Bearer null';
assert.equal((await refused(api.findAll('accounts')))[0].title, 'Authorization failed');
assert.equal((await refused(api.create('auth', { login: LOGIN, password: 'wrong' })))[0].detail, 'Incorrect login or password.');
const { data: session } = await api.create('auth', { login: LOGIN, password: PASSWORD });
api.headers.Authorization = `Bearer ${session.jwt}`;

// The menu of accounts, one account, and filters in camel case.
const menu = await api.findAll('accounts', { fields: { accounts: 'name' } });
assert.equal(menu.meta['total-count'], 3);
assert.deepEqual(menu.data.map(({ name }) => name).sort(), ['Acme carrier', 'Acme office', 'Acme shop']);
assert.equal((await api.find('accounts', ACCOUNT)).data.name, 'Acme office');
const filtered = await api.findAll('accounts', { filter: { nameCont: 'SHOP' } });
assert.deepEqual(filtered.data.map(({ name }) => name), ['Acme shop']);
const [second] = (await api.findAll('accounts', { page: { number: 2, size: 1 }, sort: 'name' })).data;
assert.equal(second.name, 'Acme office');

// The page of call records, page by page with a bare number.
const cdrs = { filter: { accountIdEq: ACCOUNT, timeStartGteq: new Date('2026-01-01T00:00:00Z') } };
const first = await api.findAll('cdrs', cdrs);
assert.equal(first.meta['total-count'], 3);
assert.ok(first.data.every((cdr) => cdr.success && cdr.duration === 60 && Date.parse(cdr['time-start'])));
assert.deepEqual((await api.findAll('cdrs', { ...cdrs, page: 2 })).data, []);
const [withAccount] = (await api.findAll('cdrs', { ...cdrs, include: 'account' })).data;
assert.equal(withAccount.account.name, 'Acme office');
assert.equal((await api.find('cdrs', withAccount.id)).data.id, withAccount.id);

// The page of statistics.
const chart = await api.create('chart-active-calls', {
  'from-time': '2026-01-02 10:00:00', 'to-time': '2026-01-02 11:59:00', account: { id: ACCOUNT },
});
const points = chart.data['originated-calls'];
assert.ok(points.some(({ y }) => y > 0) && points.every(({ x }) => Date.parse(x)));
const tooLate = await refused(api.create('chart-active-calls', {
  'from-time': '2026-01-03 00:00:00', 'to-time': '2026-01-02 00:00:00', account: { id: ACCOUNT },
}));
assert.equal(tooLate.data.title, 'from_time must be greater than to_time');

// An export, until it is there, and its file.
const filters = { time_start_gteq: '2026-01-01', time_start_lt: '2026-01-03', success_eq: true };
let job = (await api.create('cdr-exports', { filters, account: { id: ACCOUNT } })).data;
while (job.status === 'Pending') {
  await sleep(20);
  job = (await api.find('cdr-exports', job.id)).data;
}
assert.deepEqual([job.status, job['rows-count']], ['Completed', 3]);
const { data: file } = await api.axios.get(`${BASE}/cdr-exports/${job.id}/download`, {
  headers: { Authorization: api.headers.Authorization }, responseType: 'arraybuffer',
});
assert.equal(gunzipSync(file).toString().trim().split('\n').length, 4);
const exported = await api.findAll('cdr-exports', { filter: { statusEq: 'Completed' }, include: 'account' });
assert.equal(exported.data[0].account.id, ACCOUNT);

// Services and what they were charged.
const [seats] = (await api.findAll('services', { include: 'account,transactions' })).data;
assert.deepEqual([seats.name, seats.state, seats.account.name], ['Ten seats', 'Active', 'Acme office']);
assert.deepEqual(seats.transactions.map(({ amount }) => amount), ['9.9', '9.9', '50.0']);
const charged = await api.findAll('transactions', { filter: { serviceIdEq: seats.id }, include: 'service', sort: 'amount' });
assert.equal(charged.meta['total-count'], 3);
assert.equal(charged.data[2].service.name, 'Ten seats');
const noSession = await refused(api.create('phone-systems-sessions', { service: seats.id }));
assert.equal(noSession.data.title, 'failed to create Phone Systems session');
