'use strict';

const { randomUUID } = require('node:crypto');
const { hostname } = require('node:os');
const Koa = require('koa');
const { Router } = require('@koa/router');
const { bodyParser } = require('@koa/bodyparser');
const Joi = require('joi');

const NewConnection = Joi.object({
  name: Joi.string()
    .max(128)
    .pattern(/^[A-Za-z0-9][A-Za-z0-9._-]*$/)
    .invalid('default')
    .required(),
  description: Joi.string().max(255).allow('').default(''),
  vpc_id: Joi.string().max(128).required(),
  subnet_id: Joi.string().max(128).required(),
}).required();

const CODES = { 400: 'EG.00014000', 401: 'EG.00014010', 403: 'EG.00014030', 404: 'EG.00014040' };

const app = new Koa();
const router = new Router({ prefix: '/v1/:project/connections' });
const projects = new Map();

function connectionsOf(ctx) {
  const { project } = ctx.params;
  if (!projects.has(project)) projects.set(project, new Map());
  return projects.get(project);
}

function find(ctx) {
  const connection = connectionsOf(ctx).get(ctx.params.id);
  if (!connection) ctx.throw(404, 'Connection not found');
  return connection;
}

async function requestId(ctx, next) {
  ctx.state.requestId = `${randomUUID()}-${Date.now()}-${hostname()}`;
  ctx.set('X-Request-Id', ctx.state.requestId);
  await next();
}

async function errors(ctx, next) {
  try {
    await next();
  } catch (error) {
    const status = error.status ?? 500;
    const code = error.errorCode ?? CODES[status];
    if (!code) throw error;
    ctx.status = status;
    ctx.body = { error_code: code, error_msg: error.message.slice(0, 512), request_id: ctx.state.requestId };
  }
}

async function authenticate(ctx, next) {
  const token = ctx.get('X-Auth-Token');
  if (token === process.env.LIMITED_TOKEN) ctx.throw(403, 'No permissions to request this method');
  if (token !== process.env.TOKEN) ctx.throw(401, 'Incorrect token or token resolution failed');
  await next();
}

router.use(authenticate);

router.post('/', (ctx) => {
  const { error, value } = NewConnection.validate(ctx.request.body, { convert: false });
  if (error) ctx.throw(400, 'Invalid parameter', { errorCode: 'EG.00513000' });
  const connections = connectionsOf(ctx);
  if ([...connections.values()].some(({ name }) => name === value.name)) {
    ctx.throw(400, 'Duplicate name', { errorCode: 'EG.00513001' });
  }
  const now = new Date().toISOString().slice(0, 19).replace('T', ' ');
  const connection = {
    id: randomUUID(),
    ...value,
    status: 'CREATING',
    agency: 'EG_TRUST',
    flavor: { name: 'default', concurrency_type: 'exclusive', concurrency: 500, bandwidth_type: 'exclusive' },
    created_time: now,
    updated_time: now,
  };
  connections.set(connection.id, connection);
  ctx.body = connection;
});

router.get('/', (ctx) => {
  const { name } = ctx.query;
  const items = [...connectionsOf(ctx).values()].filter((item) => name === undefined || item.name === name);
  ctx.body = { total: items.length, size: items.length, items };
});

router.get('/:id', (ctx) => {
  ctx.body = find(ctx);
});

router.delete('/:id', (ctx) => {
  connectionsOf(ctx).delete(find(ctx).id);
  ctx.status = 204;
});

app.use(requestId);
app.use(errors);
app.use(bodyParser());
app.use(router.routes());
app.use(router.allowedMethods());
app.listen(Number(process.env.PORT), '127.0.0.1');
