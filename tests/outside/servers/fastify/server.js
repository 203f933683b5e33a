'use strict';

const { randomUUID } = require('node:crypto');
const { hostname } = require('node:os');
const fastify = require('fastify');

const NewConnection = {
  type: 'object',
  required: ['name', 'vpc_id', 'subnet_id'],
  properties: {
    name: { type: 'string', maxLength: 128, pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$', not: { const: 'default' } },
    description: { type: 'string', maxLength: 255, default: '' },
    vpc_id: { type: 'string', maxLength: 128 },
    subnet_id: { type: 'string', maxLength: 128 },
  },
};

const Project = { type: 'object', properties: { project: { type: 'string', minLength: 1 } } };

// A number isn't a name: Fastify would make one a string.
const app = fastify({
  ajv: { customOptions: { coerceTypes: false } },
  genReqId: () => `${randomUUID()}-${Date.now()}-${hostname()}`,
});

const refusal = (statusCode, code, message) => Object.assign(new Error(message), { statusCode, code });

app.addHook('onRequest', async (request, reply) => {
  reply.header('X-Request-Id', request.id);
});

app.setErrorHandler((error, request, reply) => {
  const status = error.statusCode ?? 500;
  if (status >= 500) {
    return reply
      .code(500)
      .send({ error_code: 'EG.00015000', error_msg: 'Internal Server Error', request_id: request.id });
  }
  let code = 'EG.00014000';
  if (error.code?.startsWith('EG.')) code = error.code;
  else if (error.validation) code = 'EG.00513000';
  else if (status !== 400) return reply.send(error);
  return reply.code(status).send({ error_code: code, error_msg: error.message, request_id: request.id });
});

app.register(
  async (routes) => {
    const projects = new Map();
    const connectionsOf = ({ params: { project } }) => {
      if (!projects.has(project)) projects.set(project, new Map());
      return projects.get(project);
    };
    const find = (request) => {
      const connection = connectionsOf(request).get(request.params.id);
      if (!connection) throw refusal(404, 'EG.00014040', 'Connection not found');
      return connection;
    };

    routes.addHook('onRequest', async ({ headers }) => {
      const token = headers['x-auth-token'];
      if (token === process.env.LIMITED_TOKEN) throw refusal(403, 'EG.00014030', 'No permissions to request this method');
      if (token !== process.env.TOKEN) throw refusal(401, 'EG.00014010', 'Incorrect token or token resolution failed');
    });

    routes.post('/', { schema: { params: Project, body: NewConnection } }, async (request) => {
      const connections = connectionsOf(request);
      const { name, description, vpc_id, subnet_id } = request.body;
      if ([...connections.values()].some((other) => other.name === name)) {
        throw refusal(400, 'EG.00513001', 'Duplicate name');
      }
      const now = new Date().toISOString();
      const connection = {
        id: randomUUID(),
        name,
        description,
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
    });

    routes.get('/', async (request) => {
      const { name } = request.query;
      const items = [...connectionsOf(request).values()].filter((item) => name === undefined || item.name === name);
      return { total: items.length, size: items.length, items };
    });

    routes.get('/:id', async (request) => find(request));

    routes.delete('/:id', async (request, reply) => {
      connectionsOf(request).delete(find(request).id);
      return reply.code(204).send();
    });
  },
  { prefix: '/v1/:project/connections' },
);

app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
