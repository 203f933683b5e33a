'use strict';

const { randomUUID } = require('node:crypto');
const { hostname } = require('node:os');
const Hapi = require('@hapi/hapi');
const Joi = require('joi');

const NewConnection = Joi.object({
  name: Joi.string()
    .max(128)
    .pattern(/^[A-Za-z0-9][A-Za-z0-9._-]*$/)
    .invalid('default')
    .required(),
  description: Joi.string().max(255).allow('', null),
  vpc_id: Joi.string().max(128).required(),
  subnet_id: Joi.string().max(128).required(),
})
  .required()
  .unknown();

const CODES = { 400: 'EG.00014000', 401: 'EG.00014010', 403: 'EG.00014030', 404: 'EG.00014040', 500: 'EG.00015000' };

class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    Object.assign(this, { status, code });
  }
}

const projects = new Map();

function connectionsOf({ params: { project } }) {
  if (!projects.has(project)) projects.set(project, new Map());
  return projects.get(project);
}

function find(request) {
  const connection = connectionsOf(request).get(request.params.id);
  if (!connection) throw new Refusal(404, 'EG.00014040', 'Connection not found');
  return connection;
}

function create(request) {
  const { name, description, vpc_id, subnet_id } = request.payload;
  const connections = connectionsOf(request);
  if ([...connections.values()].some((other) => other.name === name)) {
    throw new Refusal(400, 'EG.00513001', 'Duplicate name');
  }
  const now = new Date().toISOString();
  const connection = {
    id: randomUUID(),
    name,
    description: description ?? '',
    status: 'CREATING',
    vpc_id,
    subnet_id,
    agency: 'EG_TRUST',
    flavor: { name: 'default', concurrency_type: 'exclusive', concurrency: 500, bandwidth_type: 'exclusive' },
    created_time: now,
    updated_time: now,
  };
  connections.set(connection.id, connection);
  return connection;
}

function list(request) {
  const { name } = request.query;
  const items = [...connectionsOf(request).values()].filter((item) => name === undefined || item.name === name);
  return { total: items.length, size: items.length, items };
}

function remove(request, h) {
  connectionsOf(request).delete(find(request).id);
  return h.response().code(204);
}

const server = Hapi.server({ host: '127.0.0.1', port: Number(process.env.PORT) });

server.auth.scheme('token', () => ({
  authenticate: (request, h) => {
    const token = request.headers['x-auth-token'];
    if (token === process.env.LIMITED_TOKEN) {
      throw new Refusal(403, 'EG.00014030', 'No permissions to request this method');
    }
    if (token !== process.env.TOKEN) {
      throw new Refusal(401, 'EG.00014010', 'Incorrect token or token resolution failed');
    }
    return h.authenticated({ credentials: {} });
  },
}));
server.auth.strategy('token', 'token');
server.auth.default('token');

server.ext('onPreResponse', (request, h) => {
  const id = `${randomUUID()}-${Date.now()}-${hostname()}`;
  const { response } = request;
  if (!response.isBoom) {
    response.header('X-Request-Id', id);
    return h.continue;
  }
  const status = response instanceof Refusal ? response.status : response.output.statusCode;
  const code = response instanceof Refusal ? response.code : CODES[status];
  if (!code) return h.continue;
  const refusal = { error_code: code, error_msg: status < 500 ? response.message : 'Internal Server Error', request_id: id };
  return h.response(refusal).code(status).header('X-Request-Id', id);
});

const path = '/v1/{project}/connections';
server.route([
  {
    method: 'POST',
    path,
    handler: create,
    options: {
      payload: { allow: 'application/json' },
      validate: { payload: NewConnection, options: { convert: false } },
    },
  },
  { method: 'GET', path, handler: list },
  { method: 'GET', path: `${path}/{id}`, handler: find },
  { method: 'DELETE', path: `${path}/{id}`, handler: remove },
]);

server.start();
