import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The JDK's own HTTP server with Gson. */
public class Server {
    static final Pattern PATH = Pattern.compile("/v1/([^/]+)/connections(?:/([^/]+))?");
    static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
    static final Gson GSON = new Gson();

    record Refusal(int status, String code, String message) {}

    static class Refused extends Exception {
        final Refusal refusal;

        Refused(int status, String code, String message) {
            this.refusal = new Refusal(status, code, message);
        }
    }

    static class Flavor {
        String name = "default";
        String concurrency_type = "exclusive";
        int concurrency = 500;
        String bandwidth_type = "exclusive";
    }

    static class Connection {
        String id = UUID.randomUUID().toString();
        String name;
        String description;
        String status = "CREATING";
        String vpc_id;
        String subnet_id;
        String agency = "EG_TRUST";
        Flavor flavor = new Flavor();
        String created_time = Instant.now().toString();
        String updated_time = created_time;
    }

    final Map<String, Map<String, Connection>> projects = new ConcurrentHashMap<>();

    static Refused invalid(String field) {
        return new Refused(400, "EG.00513000", "Invalid parameter: " + field);
    }

    /** A string of the object. Gson itself would make strings of numbers. */
    static Optional<String> string(JsonObject object, String field, int most) throws Refused {
        JsonElement element = object.get(field);
        if (element == null || element.isJsonNull()) return Optional.empty();
        if (!element.isJsonPrimitive() || !element.getAsJsonPrimitive().isString()) throw invalid(field);
        String value = element.getAsString();
        if (value.codePointCount(0, value.length()) > most) throw invalid(field);
        return Optional.of(value);
    }

    Connection create(String project, HttpExchange exchange) throws IOException, Refused {
        JsonElement body;
        try {
            body = JsonParser.parseReader(new InputStreamReader(exchange.getRequestBody(), StandardCharsets.UTF_8));
        } catch (JsonParseException exception) {
            throw new Refused(400, "EG.00014000", "Bad request");
        }
        if (!body.isJsonObject()) throw new Refused(400, "EG.00014000", "Bad request");
        JsonObject object = body.getAsJsonObject();
        Connection connection = new Connection();
        connection.name = string(object, "name", 128).orElseThrow(() -> invalid("name"));
        connection.description = string(object, "description", 255).orElse("");
        connection.vpc_id = string(object, "vpc_id", 128).orElseThrow(() -> invalid("vpc_id"));
        connection.subnet_id = string(object, "subnet_id", 128).orElseThrow(() -> invalid("subnet_id"));
        if (!NAME.matcher(connection.name).matches() || connection.name.equals("default")) throw invalid("name");
        Map<String, Connection> connections = projects.computeIfAbsent(project, key -> new ConcurrentHashMap<>());
        synchronized (connections) {
            if (connections.values().stream().anyMatch(other -> other.name.equals(connection.name))) {
                throw new Refused(400, "EG.00513001", "Duplicate name");
            }
            connections.put(connection.id, connection);
        }
        return connection;
    }

    Object list(String project, String query) {
        Optional<String> name = Optional.ofNullable(query)
            .filter(text -> text.startsWith("name="))
            .map(text -> URLDecoder.decode(text.substring(5), StandardCharsets.UTF_8));
        List<Connection> items = projects.getOrDefault(project, Map.of()).values().stream()
            .filter(connection -> name.isEmpty() || name.get().equals(connection.name))
            .toList();
        return Map.of("total", items.size(), "size", items.size(), "items", items);
    }

    Object find(String project, String id, boolean remove) throws Refused {
        Map<String, Connection> connections = projects.getOrDefault(project, Map.of());
        Connection connection = connections.get(id);
        if (connection == null) throw new Refused(404, "EG.00014040", "Connection not found");
        if (remove) connections.remove(id);
        return remove ? null : connection;
    }

    static void authenticate(HttpExchange exchange) throws Refused {
        String token = exchange.getRequestHeaders().getFirst("X-Auth-Token");
        if (System.getenv("LIMITED_TOKEN").equals(token)) {
            throw new Refused(403, "EG.00014030", "No permissions to request this method");
        }
        if (!System.getenv("TOKEN").equals(token)) {
            throw new Refused(401, "EG.00014010", "Incorrect token or token resolution failed");
        }
    }

    Object route(HttpExchange exchange) throws IOException, Refused {
        Matcher path = PATH.matcher(exchange.getRequestURI().getPath());
        if (!path.matches()) throw new Refused(404, "EG.00014040", "Not request resource found");
        authenticate(exchange);
        String project = path.group(1);
        String id = path.group(2);
        String method = exchange.getRequestMethod();
        if (id == null && method.equals("POST")) return create(project, exchange);
        if (id == null && method.equals("GET")) return list(project, exchange.getRequestURI().getQuery());
        if (id != null && method.equals("GET")) return find(project, id, false);
        if (id != null && method.equals("DELETE")) return find(project, id, true);
        throw new Refused(404, "EG.00014040", "Not request resource found");
    }

    void handle(HttpExchange exchange) throws IOException {
        String host = InetAddress.getLocalHost().getHostName();
        String id = UUID.randomUUID() + "-" + System.currentTimeMillis() + "-" + host;
        int status = 200;
        Object answer;
        try {
            answer = route(exchange);
        } catch (Refused refused) {
            status = refused.refusal.status();
            answer = Map.of("error_code", refused.refusal.code(), "error_msg", refused.refusal.message(), "request_id", id);
        }
        exchange.getResponseHeaders().set("X-Request-Id", id);
        try (exchange) {
            if (answer == null) {
                exchange.sendResponseHeaders(204, -1);
                return;
            }
            byte[] body = GSON.toJson(answer).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    public static void main(String[] arguments) throws IOException {
        int port = Integer.parseInt(System.getenv("PORT"));
        HttpServer http = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        http.createContext("/v1/", new Server()::handle);
        http.setExecutor(Executors.newCachedThreadPool());
        http.start();
    }
}
