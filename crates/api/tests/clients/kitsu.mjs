// kitsu against a running server.
// Needs: CLIENTS (a folder with node_modules), BASE, LOGIN, PASSWORD, ACCOUNT.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';

const { CLIENTS, BASE, LOGIN, PASSWORD, ACCOUNT } = process.env;
const { default: Kitsu } = await import(pathToFileURL(`${CLIENTS}/node_modules/kitsu/dist/index.mjs`));
const api = new Kitsu({ baseURL: BASE, camelCaseTypes: false, pluralize: false });

const login = await api.axios.post('auth', { auth: { login: LOGIN, password: PASSWORD } });
assert.equal(login.status, 201);
api.headers.Authorization = `Bearer ${login.data.jwt}`;

const accounts = await api.get('accounts', { params: { sort: '-name', fields: { accounts: 'name' } } });
assert.deepEqual(accounts.data.map(({ name }) => name), ['Acme shop', 'Acme office', 'Acme carrier']);
assert.equal(accounts.meta['total-count'], 3);
const one = await api.get(`accounts/${ACCOUNT}`);
assert.equal(one.data.name, 'Acme office');
const page = await api.get('accounts', { params: { page: { size: 2, number: 2 }, sort: 'name' } });
assert.deepEqual(page.data.map(({ name }) => name), ['Acme shop']);
assert.ok(page.links.prev && !page.links.next);

const recent = { time_start_gteq: '2026-01-01T00:00:00Z', src_prefix_routing_in: '101,102', success_eq: true };
const cdrs = await api.get('cdrs', { params: { filter: recent, include: 'account', sort: 'time-start' } });
assert.equal(cdrs.data.length, 3);
assert.equal(cdrs.data[0].account.data.name, 'Acme office');
const owner = await api.get(`cdrs/${cdrs.data[0].id}/account`);
assert.equal(owner.data.id, ACCOUNT);
const linkage = await api.get(`cdrs/${cdrs.data[0].id}/relationships/account`);
assert.equal(linkage.data.id, ACCOUNT);

const account = { data: { id: ACCOUNT, type: 'accounts' } };
const chart = await api.post('chart-active-calls', {
  'from-time': '2026-01-02T10:00:00Z', 'to-time': '2026-01-02T11:59:00Z', account,
});
assert.equal(chart.status, 201);
assert.ok(chart.data['originated-calls'].some(({ y }) => y > 0));

const filters = { time_start_gteq: '2026-01-01', time_start_lt: '2026-01-03' };
let job = (await api.post('cdr-exports', { filters, 'time-format': 'round_to_seconds', account })).data;
while (job.status === 'Pending') {
  await sleep(20);
  job = (await api.get(`cdr-exports/${job.id}`)).data;
}
assert.deepEqual([job.status, job['time-format']], ['Completed', 'round_to_seconds']);
const file = await api.axios.get(`cdr-exports/${job.id}/download`, {
  headers: { Authorization: api.headers.Authorization }, responseType: 'arraybuffer',
});
assert.equal(gunzipSync(file.data).toString().trim().split('\n').length, job['rows-count'] + 1);

const services = await api.get('services', { params: { include: 'transactions' } });
assert.deepEqual(services.data[0].transactions.data.map(({ amount }) => amount), ['9.9', '9.9', '50.0']);
const charged = await api.get(`services/${services.data[0].id}/transactions`, { params: { page: { size: 2 } } });
assert.deepEqual([charged.data.length, charged.meta['total-count']], [2, 3]);

await assert.rejects(api.get('accounts', { params: { filter: { what_eq: 1 } } }), (error) => {
  assert.deepEqual(error.errors.map(({ code, detail }) => [code, detail]), [['102', 'what_eq is not allowed.']]);
  return true;
});
