'use strict';

const { randomUUID } = require('node:crypto');
const { hostname } = require('node:os');
const express = require('express');
const { z } = require('zod');

const NewConnection = z.object({
  name: z
    .string()
    .max(128)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must start with a letter or digit and have only these, ".", "_" and "-"')
    .refine((name) => name !== 'default', 'is reserved'),
  description: z.string().max(255).default(''),
  vpc_id: z.string().max(128),
  subnet_id: z.string().max(128),
});

class ApiError extends Error {
  constructor(status, code, message, details) {
    super(message);
    Object.assign(this, { status, code, details });
  }
}

const projects = new Map();

function connectionsOf(project) {
  if (!projects.has(project)) projects.set(project, new Map());
  return projects.get(project);
}

function authenticate(req, res, next) {
  const token = req.get('X-Auth-Token');
  if (token === process.env.LIMITED_TOKEN) {
    throw new ApiError(403, 'EG.00014030', 'No permissions to request this method');
  }
  if (token !== process.env.TOKEN) {
    throw new ApiError(401, 'EG.00014010', 'Incorrect token or token resolution failed');
  }
  next();
}

function find(req) {
  const connection = connectionsOf(req.params.project).get(req.params.id);
  if (!connection) throw new ApiError(404, 'EG.00014040', 'Connection not found');
  return connection;
}

const app = express();

app.use((req, res, next) => {
  req.id = `${randomUUID()}-${Date.now()}-${hostname()}`;
  res.set('X-Request-Id', req.id);
  next();
});
app.use(express.json());

const router = express.Router({ mergeParams: true });
router.use(authenticate);

router.post('/', (req, res) => {
  const parsed = NewConnection.safeParse(req.body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ApiError(400, 'EG.00513000', 'Invalid parameter', `${issue.path.join('.') || 'body'}: ${issue.message}`);
  }
  const connections = connectionsOf(req.params.project);
  if ([...connections.values()].some(({ name }) => name === parsed.data.name)) {
    throw new ApiError(400, 'EG.00513001', 'Duplicate name');
  }
  const now = new Date().toISOString();
  const connection = {
    id: randomUUID(),
    ...parsed.data,
    status: 'CREATING',
    agency: 'EG_TRUST',
    flavor: { name: 'default', concurrency_type: 'exclusive', concurrency: 500, bandwidth_type: 'exclusive' },
    created_time: now,
    updated_time: now,
  };
  connections.set(connection.id, connection);
  res.json(connection);
});

router.get('/', (req, res) => {
  const items = [...connectionsOf(req.params.project).values()].filter(
    ({ name }) => req.query.name === undefined || name === req.query.name,
  );
  res.json({ total: items.length, size: items.length, items });
});

router.get('/:id', (req, res) => res.json(find(req)));

router.delete('/:id', (req, res) => {
  connectionsOf(req.params.project).delete(find(req).id);
  res.sendStatus(204);
});

app.use('/v1/:project/connections', router);

app.use((error, req, res, next) => {
  if (error.type === 'entity.parse.failed') error = new ApiError(400, 'EG.00014000', 'Bad request', 'the body is no JSON');
  if (!(error instanceof ApiError)) return next(error);
  res.status(error.status).json({
    error_code: error.code,
    error_msg: error.message,
    error_details: error.details,
    request_id: req.id,
  });
});

app.listen(Number(process.env.PORT), '127.0.0.1');
