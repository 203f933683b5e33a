import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.io.IOException;
import java.net.InetAddress;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;

/** A servlet in Jetty with Jackson. */
public class Server extends HttpServlet {
    static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    // A number isn't a name: Jackson would make a string of one.
    static final ObjectMapper JSON = JsonMapper.builder()
        .withCoercionConfig(LogicalType.Textual, coercions -> coercions
            .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail)
            .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
            .setCoercion(CoercionInputShape.Float, CoercionAction.Fail))
        .build();

    record NewConnection(
        @JsonProperty("name") String name,
        @JsonProperty("description") String description,
        @JsonProperty("vpc_id") String vpcId,
        @JsonProperty("subnet_id") String subnetId) {

        void validate() throws Refused {
            if (name == null || !NAME.matcher(name).matches() || name.equals("default")) throw invalid("name");
            if (description != null && description.length() > 255) throw invalid("description");
            if (vpcId == null || vpcId.isEmpty() || vpcId.length() > 128) throw invalid("vpc_id");
            if (subnetId == null || subnetId.isEmpty() || subnetId.length() > 128) throw invalid("subnet_id");
        }
    }

    record Flavor(
        @JsonProperty("name") String name,
        @JsonProperty("concurrency_type") String concurrencyType,
        @JsonProperty("concurrency") int concurrency,
        @JsonProperty("bandwidth_type") String bandwidthType) {}

    record Connection(
        @JsonProperty("id") String id,
        @JsonProperty("name") String name,
        @JsonProperty("description") String description,
        @JsonProperty("status") String status,
        @JsonProperty("vpc_id") String vpcId,
        @JsonProperty("subnet_id") String subnetId,
        @JsonProperty("agency") String agency,
        @JsonProperty("flavor") Flavor flavor,
        @JsonProperty("created_time") String createdTime,
        @JsonProperty("updated_time") String updatedTime) {}

    record Refusal(
        @JsonProperty("error_code") String code,
        @JsonProperty("error_msg") String message,
        @JsonProperty("request_id") String requestId) {}

    static class Refused extends Exception {
        final int status;
        final String code;

        Refused(int status, String code, String message) {
            super(message);
            this.status = status;
            this.code = code;
        }
    }

    interface Handler {
        Object handle() throws IOException, Refused;
    }

    final Map<String, Map<String, Connection>> projects = new ConcurrentHashMap<>();

    static Refused invalid(String field) {
        return new Refused(400, "EG.00513000", "Invalid parameter: " + field);
    }

    Map<String, Connection> connections(String[] path) {
        return projects.computeIfAbsent(path[1], project -> new ConcurrentHashMap<>());
    }

    /** The parts of /{project_id}/connections[/{connection_id}], the first of which is empty. */
    static String[] path(HttpServletRequest request, int parts) throws Refused {
        String[] path = String.valueOf(request.getPathInfo()).split("/", -1);
        if (path.length != parts || path[1].isEmpty() || !path[2].equals("connections")) {
            throw new Refused(404, "EG.00014040", "Not request resource found");
        }
        String token = request.getHeader("X-Auth-Token");
        if (System.getenv("LIMITED_TOKEN").equals(token)) {
            throw new Refused(403, "EG.00014030", "No permissions to request this method");
        }
        if (!System.getenv("TOKEN").equals(token)) {
            throw new Refused(401, "EG.00014010", "Incorrect token or token resolution failed");
        }
        return path;
    }

    Connection create(HttpServletRequest request) throws IOException, Refused {
        Map<String, Connection> connections = connections(path(request, 3));
        NewConnection wanted;
        try {
            wanted = JSON.readValue(request.getInputStream(), NewConnection.class);
        } catch (JsonProcessingException exception) {
            throw new Refused(400, "EG.00014000", "Bad request");
        }
        if (wanted == null) throw new Refused(400, "EG.00014000", "Bad request");
        wanted.validate();
        String now = OffsetDateTime.now(ZoneOffset.UTC).toString();
        Connection connection = new Connection(
            UUID.randomUUID().toString(), wanted.name, wanted.description == null ? "" : wanted.description, "CREATING",
            wanted.vpcId, wanted.subnetId, "EG_TRUST", new Flavor("default", "exclusive", 500, "exclusive"), now, now);
        synchronized (connections) {
            if (connections.values().stream().anyMatch(other -> other.name.equals(wanted.name))) {
                throw new Refused(400, "EG.00513001", "Duplicate name");
            }
            connections.put(connection.id, connection);
        }
        return connection;
    }

    Object get(HttpServletRequest request) throws Refused {
        boolean all = String.valueOf(request.getPathInfo()).endsWith("/connections");
        String[] path = path(request, all ? 3 : 4);
        if (!all) return find(path);
        String name = request.getParameter("name");
        List<Connection> items = connections(path).values().stream()
            .filter(connection -> name == null || name.equals(connection.name))
            .toList();
        return Map.of("total", items.size(), "size", items.size(), "items", items);
    }

    Connection find(String[] path) throws Refused {
        Connection connection = connections(path).get(path[3]);
        if (connection == null) throw new Refused(404, "EG.00014040", "Connection not found");
        return connection;
    }

    static void answer(HttpServletResponse response, Handler handler) throws IOException {
        String host = InetAddress.getLocalHost().getHostName();
        String id = UUID.randomUUID() + "-" + System.currentTimeMillis() + "-" + host;
        response.setHeader("X-Request-Id", id);
        Object answer;
        try {
            answer = handler.handle();
        } catch (Refused refused) {
            response.setStatus(refused.status);
            answer = new Refusal(refused.code, refused.getMessage(), id);
        }
        response.setContentType("application/json");
        JSON.writeValue(response.getOutputStream(), answer);
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        answer(response, () -> create(request));
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        answer(response, () -> get(request));
    }

    @Override
    protected void doDelete(HttpServletRequest request, HttpServletResponse response) throws IOException {
        answer(response, () -> {
            String[] path = path(request, 4);
            return connections(path).remove(find(path).id);
        });
    }

    public static void main(String[] arguments) throws Exception {
        var server = new org.eclipse.jetty.server.Server(
            new java.net.InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))));
        ServletContextHandler context = new ServletContextHandler();
        context.addServlet(new ServletHolder(new Server()), "/v1/*");
        server.setHandler(context);
        server.start();
    }
}
