<?php

declare(strict_types=1);

final class Refusal extends Exception
{
    public function __construct(public readonly int $status, public readonly string $error, string $message)
    {
        parent::__construct($message);
    }
}

function database(): PDO
{
    $database = new PDO('sqlite:' . getenv('DATABASE'), options: [PDO::ATTR_PERSISTENT => true, PDO::ATTR_TIMEOUT => 10]);
    $database->exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    // Names are the same whatever their case, as in most shops' databases.
    $database->exec(
        'CREATE TABLE IF NOT EXISTS connections (
            id TEXT PRIMARY KEY, project TEXT, name TEXT COLLATE NOCASE, description TEXT, status TEXT, vpc_id TEXT,
            subnet_id TEXT, agency TEXT, created_time TEXT, updated_time TEXT, UNIQUE (project, name)
        )'
    );
    return $database;
}

function uuid(): string
{
    $bytes = random_bytes(16);
    $bytes[6] = chr(ord($bytes[6]) & 0x0f | 0x40);
    $bytes[8] = chr(ord($bytes[8]) & 0x3f | 0x80);
    return vsprintf('%s%s-%s-%s-%s-%s%s%s', str_split(bin2hex($bytes), 4));
}

function authenticate(): void
{
    $token = $_SERVER['HTTP_X_AUTH_TOKEN'] ?? '';
    if (hash_equals(getenv('LIMITED_TOKEN'), $token)) {
        throw new Refusal(403, 'EG.00014030', 'No permissions to request this method');
    }
    if (!hash_equals(getenv('TOKEN'), $token)) {
        throw new Refusal(401, 'EG.00014010', 'Incorrect token or token resolution failed');
    }
}

function text(stdClass $body, string $field, int $most): string
{
    $value = $body->$field ?? null;
    if (!is_string($value) || mb_strlen($value) > $most) {
        throw new Refusal(400, 'EG.00513000', "Invalid parameter: $field");
    }
    return $value;
}

function connection(array $row): array
{
    unset($row['project']);
    $flavor = ['name' => 'default', 'concurrency_type' => 'exclusive', 'concurrency' => 500, 'bandwidth_type' => 'exclusive'];
    return [...$row, 'flavor' => $flavor];
}

function create(string $project): array
{
    $body = json_decode(file_get_contents('php://input'));
    if (!$body instanceof stdClass) {
        throw new Refusal(400, 'EG.00014000', 'Bad request');
    }
    $name = text($body, 'name', 128);
    if (!preg_match('/^[a-z0-9][a-z0-9._-]*$/iD', $name) || strcasecmp($name, 'default') === 0) {
        throw new Refusal(400, 'EG.00513000', 'Invalid parameter: name');
    }
    $row = [
        'id' => uuid(),
        'project' => $project,
        'name' => $name,
        'description' => property_exists($body, 'description') ? text($body, 'description', 255) : '',
        'status' => 'CREATING',
        'vpc_id' => text($body, 'vpc_id', 128),
        'subnet_id' => text($body, 'subnet_id', 128),
        'agency' => 'EG_TRUST',
        'created_time' => gmdate('Y-m-d H:i:s'),
        'updated_time' => gmdate('Y-m-d H:i:s'),
    ];
    $places = implode(', ', array_map(fn ($column) => ":$column", array_keys($row)));
    try {
        database()->prepare("INSERT INTO connections VALUES ($places)")->execute($row);
    } catch (PDOException $exception) {
        if ($exception->getCode() !== '23000') {
            throw $exception;
        }
        throw new Refusal(400, 'EG.00513001', 'Duplicate name');
    }
    return connection($row);
}

function find_all(string $project): array
{
    $statement = database()->prepare('SELECT * FROM connections WHERE project = ? AND (? IS NULL OR name = ?)');
    $name = $_GET['name'] ?? null;
    $statement->execute([$project, $name, $name]);
    $items = array_map(connection(...), $statement->fetchAll(PDO::FETCH_ASSOC));
    return ['total' => count($items), 'size' => count($items), 'items' => $items];
}

function find_one(string $project, string $id): array
{
    $statement = database()->prepare('SELECT * FROM connections WHERE project = ? AND id = ?');
    $statement->execute([$project, $id]);
    $row = $statement->fetch(PDO::FETCH_ASSOC);
    if ($row === false) {
        throw new Refusal(404, 'EG.00014040', 'Connection not found');
    }
    return connection($row);
}

function remove(string $project, string $id): null
{
    find_one($project, $id);
    database()->prepare('DELETE FROM connections WHERE project = ? AND id = ?')->execute([$project, $id]);
    return null;
}

function route(): ?array
{
    $path = rawurldecode(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) ?: '');
    if (!preg_match('~^/v1/([^/]+)/connections(?:/([^/]+))?$~D', $path, $parts)) {
        throw new Refusal(404, 'EG.00014040', 'Not request resource found');
    }
    authenticate();
    return match ([$_SERVER['REQUEST_METHOD'], count($parts)]) {
        ['POST', 2] => create($parts[1]),
        ['GET', 2] => find_all($parts[1]),
        ['GET', 3] => find_one($parts[1], $parts[2]),
        ['DELETE', 3] => remove($parts[1], $parts[2]),
        default => throw new Refusal(404, 'EG.00014040', 'Not request resource found'),
    };
}

$request_id = uuid() . '-' . time() . '-' . gethostname();
header("X-Request-Id: $request_id");
header('Content-Type: application/json');
try {
    $answer = route();
} catch (Refusal $refusal) {
    http_response_code($refusal->status);
    $answer = ['error_code' => $refusal->error, 'error_msg' => $refusal->getMessage(), 'request_id' => $request_id];
} catch (Throwable $failure) {
    error_log((string) $failure);
    http_response_code(500);
    $answer = ['error_code' => 'EG.00015000', 'error_msg' => 'Internal Server Error', 'request_id' => $request_id];
}
if ($answer === null) {
    http_response_code(204);
} else {
    echo json_encode($answer);
}
