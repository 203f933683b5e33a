import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import {
  type ArgumentsHost,
  Body,
  type CanActivate,
  Catch,
  Controller,
  Delete,
  type ExceptionFilter,
  type ExecutionContext,
  ForbiddenException,
  Get,
  HttpCode,
  HttpException,
  Injectable,
  Module,
  NotFoundException,
  Param,
  Post,
  Query,
  UnauthorizedException,
  UseGuards,
  ValidationPipe,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { IsString, Matches, MaxLength, NotEquals, ValidateIf } from 'class-validator';

class NewConnection {
  @NotEquals('default')
  @Matches(/^[A-Za-z0-9][A-Za-z0-9._-]*$/)
  @MaxLength(128)
  @IsString()
  name: string;

  @MaxLength(255)
  @IsString()
  @ValidateIf(({ description }) => description !== undefined)
  description?: string;

  @MaxLength(128)
  @IsString()
  vpc_id: string;

  @MaxLength(128)
  @IsString()
  subnet_id: string;
}

class DuplicateName extends HttpException {
  constructor() {
    super('Duplicate name', 400);
  }
}

@Injectable()
class TokenGuard implements CanActivate {
  canActivate(context: ExecutionContext) {
    const token = context.switchToHttp().getRequest().headers['x-auth-token'];
    if (token === process.env.LIMITED_TOKEN) throw new ForbiddenException('No permissions to request this method');
    if (token !== process.env.TOKEN) throw new UnauthorizedException('Incorrect token or token resolution failed');
    return true;
  }
}

@Catch(HttpException)
class ErrorFilter implements ExceptionFilter {
  static readonly codes = { 400: 'EG.00014000', 401: 'EG.00014010', 403: 'EG.00014030', 404: 'EG.00014040' };

  catch(exception: HttpException, host: ArgumentsHost) {
    const response = host.switchToHttp().getResponse();
    const status = exception.getStatus();
    const code = exception instanceof DuplicateName ? 'EG.00513001' : ErrorFilter.codes[status];
    if (!code) return response.status(status).json(exception.getResponse());
    return response.status(status).json({ error_code: code, error_msg: exception.message.slice(0, 512) });
  }
}

@Controller('v1/:project/connections')
@UseGuards(TokenGuard)
class ConnectionsController {
  private readonly projects = new Map<string, Map<string, { id: string; name: string }>>();

  private connections(project: string) {
    if (!this.projects.has(project)) this.projects.set(project, new Map());
    return this.projects.get(project);
  }

  @Post()
  @HttpCode(200)
  create(@Param('project') project: string, @Body() { name, description = '', vpc_id, subnet_id }: NewConnection) {
    const connections = this.connections(project);
    if ([...connections.values()].some((other) => other.name === name)) throw new DuplicateName();
    const now = new Date();
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
  }

  @Get()
  findAll(@Param('project') project: string, @Query('name') name?: string) {
    const items = [...this.connections(project).values()].filter((item) => name === undefined || item.name === name);
    return { total: items.length, size: items.length, items };
  }

  @Get(':id')
  findOne(@Param('project') project: string, @Param('id') id: string) {
    const connection = this.connections(project).get(id);
    if (!connection) throw new NotFoundException('Connection not found');
    return connection;
  }

  @Delete(':id')
  @HttpCode(204)
  remove(@Param('project') project: string, @Param('id') id: string) {
    this.connections(project).delete(this.findOne(project, id).id);
  }
}

@Module({ controllers: [ConnectionsController] })
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
app.use((request, response, next) => {
  response.set('X-Request-Id', `${randomUUID()}-${Date.now()}-${hostname()}`);
  next();
});
app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidUnknownValues: true }));
app.useGlobalFilters(new ErrorFilter());
await app.listen(Number(process.env.PORT), '127.0.0.1');
