package org.qenex;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs the cases of tests/conformance through the public methods of this package, which it finds by their C functions
 * ({@link Abi}). What it does not know fails: a case that is silently ignored is a case that lies.
 */
final class Conformance {
    private static final Set<String> NOT_INPUTS =
            Set.of("count", "record_size", "arena", "buffer", "buffer_size", "user_data");

    /** The classes whose methods call the functions of the library. */
    private static final List<Class<?>> PUBLIC = List.of(Session.class, Engine.class, Qenex.class, Amounts.class);

    private final Path folder;
    private final JsonObject constants;
    private final JsonObject records;
    private final JsonObject functions;
    private final JsonObject given;
    private int passed;
    private int skipped;
    private final List<String> failures = new ArrayList<>();

    Conformance(Path folder) throws IOException {
        this.folder = folder;
        JsonObject api = read(folder.resolve("api.json")).getAsJsonObject();
        constants = api.getAsJsonObject("constants");
        records = api.getAsJsonObject("records");
        functions = api.getAsJsonObject("functions");
        given = read(folder.resolve("given.json")).getAsJsonObject();
    }

    private static JsonElement read(Path path) throws IOException {
        return JsonParser.parseString(Files.readString(path));
    }

    /** The functions that no public method calls, but for those behind exceptions and pages, which have no methods. */
    Set<String> missing() {
        Set<String> missing = new TreeSet<>(functions.keySet());
        for (Class<?> type : PUBLIC) {
            for (Method method : type.getMethods()) {
                Abi abi = method.getAnnotation(Abi.class);
                if (abi != null) {
                    missing.remove(abi.value());
                }
            }
        }
        missing.removeIf(name -> name.matches("qenex_(error|buffer)_.*"));
        return missing;
    }

    /** What failed, in words; prints a line for each case, and the sums. */
    List<String> run(Path scratch) throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(folder.resolve("cases"))) {
            files = found.sorted().collect(Collectors.toList());
        }
        int number = 0;
        for (Path file : files) {
            for (JsonElement element : read(file).getAsJsonArray()) {
                JsonObject one = element.getAsJsonObject();
                String name = one.get("case").getAsString();
                if (one.has("raw") && one.get("raw").getAsBoolean()) {
                    skipped++;
                    System.out.println("skip " + name);
                    continue;
                }
                String failure = new Case(Files.createDirectories(scratch.resolve("case" + number++))).run(one);
                if (failure == null) {
                    passed++;
                    System.out.println("ok   " + name);
                } else {
                    failures.add(name + ": " + failure);
                    System.out.println("FAIL " + name + ": " + failure);
                }
            }
        }
        System.out.println(passed + " passed, " + failures.size() + " failed, " + skipped + " skipped");
        return failures;
    }

    private static final class Mismatch extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Mismatch(String message) {
            super(message);
        }
    }

    private static String camel(String name) {
        return Arrays.stream(name.split("_"))
                .map(word -> word.substring(0, 1).toUpperCase() + word.substring(1))
                .collect(Collectors.joining());
    }

    private static String lower(String name) {
        String camel = camel(name);
        return camel.substring(0, 1).toLowerCase() + camel.substring(1);
    }

    private static Class<?> classOf(String record) {
        try {
            return Class.forName("org.qenex." + camel(record.replaceFirst("^qenex_", "")));
        } catch (ClassNotFoundException error) {
            throw new Mismatch("there is no class for " + record);
        }
    }

    /** One case: what is open, and what was saved. */
    private final class Case {
        private final Path scratch;
        private final Map<String, Engine> engines = new LinkedHashMap<>();
        private final Map<String, Session> sessions = new LinkedHashMap<>();
        private final Map<String, Object> saved = new HashMap<>();
        private Engine engine;
        private Session session;

        Case(Path scratch) {
            this.scratch = scratch;
        }

        String run(JsonObject one) {
            JsonArray steps = new JsonArray();
            if (one.has("given")) {
                steps.addAll(given.getAsJsonArray(one.get("given").getAsString()));
            }
            steps.addAll(one.getAsJsonArray("steps"));
            int number = 0;
            String failure = null;
            try {
                for (JsonElement step : steps) {
                    step(step.getAsJsonObject());
                    number++;
                }
            } catch (Mismatch | QenexException | ReflectiveOperationException error) {
                String call = steps.get(number).getAsJsonObject().get("call").getAsString();
                failure = "step " + number + ", " + call + ": " + error;
            }
            sessions.values().forEach(Session::close);
            engines.values().forEach(Engine::close);
            if (failure == null && Glue.kept() != 0) {
                failure = Glue.kept() + " callbacks were not let go of";
            }
            return failure;
        }

        private void step(JsonObject step) throws ReflectiveOperationException {
            Set<String> known = Set.of("call", "with", "as", "save", "expect");
            for (String key : step.keySet()) {
                check(known.contains(key), "a step has no '" + key + "'");
            }
            String call = step.get("call").getAsString();
            JsonObject with = step.has("with") ? step.getAsJsonObject("with") : new JsonObject();
            JsonObject expect = step.has("expect") ? step.getAsJsonObject("expect") : new JsonObject();
            String status = expect.has("status") ? expect.get("status").getAsString() : "QENEX_OK";
            Object answer;
            try {
                answer = call(call, with, step, expect);
            } catch (QenexException error) {
                int expected = constants.get(status).getAsInt();
                check(
                        error.statusCode() == expected && expected < 0,
                        error.status() + " instead of " + status + ": " + error.getMessage());
                failed(error, expect);
                return;
            }
            int actual = statusOf(answer);
            check(
                    actual == constants.get(status).getAsInt(),
                    "status " + Status.of(actual) + " instead of " + status);
            for (String key : expect.keySet()) {
                if (!key.equals("status")) {
                    answered(call, key, expect.get(key), answer);
                }
            }
            if (step.has("save")) {
                for (Map.Entry<String, JsonElement> entry : step.getAsJsonObject("save").entrySet()) {
                    String what = entry.getValue().getAsString();
                    saved.put(entry.getKey(), saved(what, answer));
                }
            }
        }

        private Object saved(String what, Object answer) {
            switch (what) {
                case "cursor":
                    return cursorOf(answer);
                case "id":
                    return answer instanceof Result ? ((Result) answer).id() : answer;
                case "records":
                    return recordsOf(answer);
                default:
                    throw new Mismatch("this runner cannot save '" + what + "'");
            }
        }

        private byte[] cursorOf(Object answer) {
            return answer instanceof JournalPage ? ((JournalPage) answer).cursor() : ((Page<?>) answer).cursor();
        }

        private List<?> recordsOf(Object answer) {
            return answer instanceof IssuedStatement ? ((IssuedStatement) answer).lines() : (List<?>) answer;
        }

        private void failed(QenexException error, JsonObject expect) {
            for (String key : expect.keySet()) {
                check(key.equals("status") || key.equals("error"), "'" + key + "' of a call that failed");
            }
            check(!error.getMessage().isEmpty(), "an error without a message");
            if (!expect.has("error")) {
                return;
            }
            for (Map.Entry<String, JsonElement> entry : expect.getAsJsonObject("error").entrySet()) {
                JsonElement value = entry.getValue();
                switch (entry.getKey()) {
                    case "item":
                        check(error.item() == value.getAsLong(), "item " + error.item() + " instead of " + value);
                        break;
                    case "message":
                        check(error.getMessage().contains(value.getAsString()), "'" + error.getMessage() + "' has no " + value);
                        break;
                    case "sqlite":
                        check(error.sqliteCode() == value.getAsInt(), "sqlite code " + error.sqliteCode());
                        break;
                    default:
                        throw new Mismatch("an error has no '" + entry.getKey() + "'");
                }
            }
        }

        private int statusOf(Object answer) {
            if (answer instanceof Answers) {
                return ((Answers<?>) answer).status().code();
            }
            if (answer instanceof Page) {
                return ((Page<?>) answer).status().code();
            }
            if (answer instanceof Result) {
                return ((Result) answer).status() == Status.OK ? 0 : Status.SOME_REFUSED.code();
            }
            return 0;
        }

        // Calls

        private Object call(String name, JsonObject with, JsonObject step, JsonObject expect)
                throws ReflectiveOperationException {
            check(functions.has(name), "there is no such function");
            Set<String> left = new TreeSet<>(with.keySet());
            Engine on = left.remove("engine") ? engines.get(with.get("engine").getAsString()) : engine;
            Session in = left.remove("session") ? sessions.get(with.get("session").getAsString()) : session;
            switch (name) {
                case "qenex_open": {
                    left.remove("options");
                    none(left);
                    Engine opened = Engine.open(options(with.getAsJsonObject("options")));
                    engines.put(step.get("as").getAsString(), opened);
                    engine = opened;
                    return null;
                }
                case "qenex_close":
                    none(left);
                    on.close();
                    return null;
                case "qenex_session_open": {
                    left.removeAll(Set.of("principal", "on_behalf_of"));
                    none(left);
                    Session opened = on.openSession(string(with.get("principal")), string(with.get("on_behalf_of")));
                    sessions.put(step.get("as").getAsString(), opened);
                    session = opened;
                    return null;
                }
                case "qenex_session_free":
                    none(left);
                    in.close();
                    return null;
                case "qenex_execute":
                    left.removeAll(Set.of("commands", "options"));
                    none(left);
                    return in.execute(mixed(with.getAsJsonArray("commands")), executeOptions(with));
                case "qenex_submit":
                    left.removeAll(Set.of("kind", "records", "options", "tag"));
                    none(left);
                    submit(in, with);
                    return null;
                case "qenex_submit_notify":
                    left.removeAll(Set.of("kind", "records", "options"));
                    none(left);
                    return told(future(in, with));
                case "qenex_feed_apply": {
                    left.remove("entries");
                    none(left);
                    @SuppressWarnings("unchecked")
                    List<FeedEntry> entries = (List<FeedEntry>) saved.get(with.get("entries").getAsString().substring(1));
                    on.applyFeed(entries);
                    return null;
                }
                case "qenex_collect": {
                    left.removeAll(Set.of("timeout_ms", "max"));
                    none(left);
                    return collect(on, with, expect);
                }
                case "qenex_backup": {
                    left.removeAll(Set.of("path", "progress"));
                    none(left);
                    Progress progress = null;
                    if (with.has("progress")) {
                        String answer = with.get("progress").getAsString();
                        check(answer.equals("continue") || answer.equals("stop"), "progress " + answer);
                        progress = (pages, total) -> answer.equals("continue");
                    }
                    on.backup(path(with.get("path")), progress);
                    return null;
                }
                case "qenex_upgrade":
                    left.removeAll(Set.of("path", "dry_run"));
                    none(left);
                    return Engine.upgrade(path(with.get("path")), with.has("dry_run") && number(with.get("dry_run")) != 0);
                default:
                    return generic(name, with, left, on, in);
            }
        }

        private void none(Set<String> left) {
            check(left.isEmpty(), "this runner does not know the inputs " + left);
        }

        private Object generic(String name, JsonObject with, Set<String> left, Engine on, Session in)
                throws ReflectiveOperationException {
            Method method = null;
            for (Class<?> type : PUBLIC) {
                for (Method candidate : type.getMethods()) {
                    Abi abi = candidate.getAnnotation(Abi.class);
                    if (abi != null && abi.value().equals(name) && !candidate.isBridge()) {
                        check(method == null || method.equals(candidate), "two methods call this function");
                        method = candidate;
                    }
                }
            }
            if (method == null) {
                throw new Mismatch("no public method calls this function");
            }
            List<Object> arguments = new ArrayList<>();
            for (JsonElement element : functions.getAsJsonObject(name).getAsJsonArray("arguments")) {
                JsonObject argument = element.getAsJsonObject();
                String called = argument.get("name").getAsString();
                String type = argument.get("type").getAsString();
                boolean isAnswer = called.startsWith("out_") || type.endsWith("*") && !type.startsWith("const ");
                if (isAnswer || NOT_INPUTS.contains(called) || called.endsWith("_len")) {
                    continue;
                }
                Class<?> wanted = method.getParameterTypes()[arguments.size()];
                left.remove(called);
                arguments.add(argument(type.replace("const ", "").replace(" *", ""), wanted, with.get(called)));
            }
            none(left);
            Object target =
                    SessionCalls.class.isAssignableFrom(method.getDeclaringClass())
                            ? in
                            : EngineCalls.class.isAssignableFrom(method.getDeclaringClass()) ? on : null;
            try {
                return method.invoke(target, arguments.toArray());
            } catch (InvocationTargetException error) {
                if (error.getCause() instanceof QenexException) {
                    throw (QenexException) error.getCause();
                }
                throw error;
            }
        }

        private Object argument(String type, Class<?> wanted, JsonElement value) throws ReflectiveOperationException {
            boolean missing = value == null || value.isJsonNull();
            if (wanted == Batch.class) {
                return batch(classOf(type), missing ? new JsonArray() : value.getAsJsonArray(), type);
            }
            if (wanted == long[].class) {
                JsonArray numbers = missing ? new JsonArray() : value.getAsJsonArray();
                long[] made = new long[numbers.size()];
                for (int index = 0; index < made.length; index++) {
                    made[index] = number(numbers.get(index));
                }
                return made;
            }
            if (wanted == boolean.class) {
                return !missing && number(value) != 0;
            }
            if (wanted == List.class) {
                List<Object> ids = new ArrayList<>();
                for (JsonElement id : missing ? new JsonArray() : value.getAsJsonArray()) {
                    ids.add(id(id.getAsString()));
                }
                return ids;
            }
            if (wanted == int.class) {
                return missing ? 0 : (int) number(value);
            }
            if (wanted == long.class) {
                return missing ? 0L : number(value);
            }
            if (missing) {
                return null;
            }
            if (wanted == Path.class) {
                return path(value);
            }
            if (Item.class.isAssignableFrom(wanted)) {
                return item(wanted, type, value.getAsJsonObject());
            }
            return value(wanted, value);
        }

        private Object value(Class<?> wanted, JsonElement value) {
            if (wanted == String.class) {
                return string(value);
            }
            if (wanted == byte[].class) {
                return bytes(value);
            }
            if (wanted == java.util.UUID.class) {
                return id(value.getAsString());
            }
            if (wanted == BigInteger.class) {
                return new BigInteger(value.getAsString());
            }
            if (wanted == LocalDate.class) {
                return date(value);
            }
            if (wanted == Instant.class) {
                return time(value);
            }
            if (wanted == int.class) {
                return (int) number(value);
            }
            if (wanted == long.class) {
                return number(value);
            }
            throw new Mismatch("this runner makes no " + wanted);
        }

        private Object item(Class<?> type, String record, JsonObject fields) throws ReflectiveOperationException {
            Object item = type.getConstructor().newInstance();
            fill(item, record, fields);
            return item;
        }

        @SuppressWarnings({"unchecked", "rawtypes"})
        private Batch<?> batch(Class<?> type, JsonArray entries, String record) throws ReflectiveOperationException {
            Batch batch = (Batch) type.getMethod("batch").invoke(null);
            int number = 0;
            for (JsonElement entry : entries) {
                // Both ways into a batch: written in place, and copied.
                if (number++ % 2 == 0) {
                    fill(batch.add(), record, entry.getAsJsonObject());
                } else {
                    batch.add((Item) item(type, record, entry.getAsJsonObject()));
                }
            }
            return batch;
        }

        private void fill(Object item, String record, JsonObject fields) throws ReflectiveOperationException {
            for (Map.Entry<String, JsonElement> entry : fields.entrySet()) {
                String kind = typeOf(record, entry.getKey());
                if (kind.equals("qenex_text") && entry.getValue().isJsonArray()) {
                    List<Object> list = listed(record, entry.getKey(), entry.getValue().getAsJsonArray());
                    item.getClass().getMethod(lower(entry.getKey()), List.class).invoke(item, list);
                    continue;
                }
                Class<?> wanted = wanted(kind, entry.getValue());
                Object value =
                        Item.class.isAssignableFrom(wanted)
                                ? item(wanted, kind, entry.getValue().getAsJsonObject())
                                : kind.startsWith("uint8_t[")
                                        ? hex(entry.getValue().getAsString())
                                        : value(wanted, entry.getValue());
                item.getClass().getMethod(lower(entry.getKey()), wanted).invoke(item, value);
            }
        }

        /** An array in a field: of days, or of records. */
        private List<Object> listed(String record, String field, JsonArray values) throws ReflectiveOperationException {
            List<Object> list = new ArrayList<>();
            for (JsonElement value : values) {
                if (value.isJsonPrimitive()) {
                    list.add(date(value));
                } else {
                    // The parts of a split are qenex_split_part, and so on.
                    String part = record + "_" + field.replaceFirst("s$", "");
                    list.add(item(classOf(part), part, value.getAsJsonObject()));
                }
            }
            return list;
        }

        private String typeOf(String record, String field) {
            for (JsonElement element : records.getAsJsonObject(record).getAsJsonArray("fields")) {
                if (element.getAsJsonObject().get("name").getAsString().equals(field)) {
                    return element.getAsJsonObject().get("type").getAsString();
                }
            }
            throw new Mismatch(record + " has no field " + field);
        }

        /** The class of a setter's parameter. */
        private Class<?> wanted(String kind, JsonElement value) {
            switch (kind) {
                case "qenex_id":
                    return java.util.UUID.class;
                case "qenex_amount":
                    return BigInteger.class;
                case "qenex_date":
                    return LocalDate.class;
                case "qenex_time":
                    return Instant.class;
                case "qenex_text":
                    return value.isJsonObject() ? byte[].class : String.class;
                case "uint32_t":
                case "int32_t":
                    return int.class;
                case "uint64_t":
                case "int64_t":
                    return long.class;
                default:
                    return kind.startsWith("qenex_") ? classOf(kind) : byte[].class;
            }
        }

        private OpenOptions options(JsonObject options) {
            Set<String> left = new HashSet<>(options.keySet());
            OpenOptions made = left.remove("path") ? OpenOptions.file(path(options.get("path"))) : OpenOptions.memory();
            if (left.remove("flags")) {
                made.flags((int) number(options.get("flags")));
            }
            if (left.remove("log")) {
                made.log((level, target, text) -> {
                    if (level == null || target.isEmpty() || text.isEmpty()) {
                        throw new Mismatch("an empty log message");
                    }
                });
            }
            if (left.remove("clock")) {
                made.clock(Clock.fixed(Instant.parse(options.get("clock").getAsString()), ZoneOffset.UTC));
            }
            if (left.remove("log_level")) {
                made.logLevel(LogLevel.of((int) number(options.get("log_level"))));
            }
            if (left.remove("durability")) {
                made.durability(Durability.of((int) number(options.get("durability"))));
            }
            for (String key : left) {
                long value = number(options.get(key));
                String kind = typeOf("qenex_options", key);
                try {
                    if (kind.equals("uint64_t")) {
                        OpenOptions.class.getMethod(lower(key), long.class).invoke(made, value);
                    } else {
                        OpenOptions.class.getMethod(lower(key), int.class).invoke(made, (int) value);
                    }
                } catch (ReflectiveOperationException error) {
                    throw new Mismatch("OpenOptions: " + error);
                }
            }
            return made;
        }

        private ExecuteOptions executeOptions(JsonObject with) throws ReflectiveOperationException {
            return with.has("options")
                    ? (ExecuteOptions)
                            item(ExecuteOptions.class, "qenex_execute_options", with.getAsJsonObject("options"))
                    : null;
        }

        private MixedBatch mixed(JsonArray commands) throws ReflectiveOperationException {
            MixedBatch batch = new MixedBatch();
            for (JsonElement element : commands) {
                JsonObject command = element.getAsJsonObject();
                String record = recordOfKind(command.get("kind").getAsString());
                batch.add((Command<?>) item(classOf(record), record, command.getAsJsonObject("record")));
            }
            return batch;
        }

        private String recordOfKind(String kind) {
            return "qenex_" + kind.replaceFirst("^QENEX_COMMAND_", "").toLowerCase();
        }

        @SuppressWarnings({"unchecked", "rawtypes"})
        private void submit(Session in, JsonObject with) throws ReflectiveOperationException {
            String kind = with.get("kind").getAsString();
            long tag = number(with.get("tag"));
            if (kind.equals("QENEX_COMMAND_MIXED")) {
                in.submit(mixed(with.getAsJsonArray("records")), executeOptions(with), tag);
            } else {
                String record = recordOfKind(kind);
                Batch batch = batch(classOf(record), with.getAsJsonArray("records"), record);
                in.submit(batch, executeOptions(with), tag);
            }
        }

        @SuppressWarnings({"unchecked", "rawtypes"})
        private CompletableFuture<Results> future(Session in, JsonObject with) throws ReflectiveOperationException {
            String kind = with.get("kind").getAsString();
            if (kind.equals("QENEX_COMMAND_MIXED")) {
                return in.submit(mixed(with.getAsJsonArray("records")), executeOptions(with));
            }
            String record = recordOfKind(kind);
            Batch batch = batch(classOf(record), with.getAsJsonArray("records"), record);
            return in.submit(batch, executeOptions(with));
        }

        /** What a future came to, as a completion without a tag. */
        private Completion told(CompletableFuture<Results> future) {
            try {
                Results results = future.get(60, TimeUnit.SECONDS);
                return new Completion(0, results.status().code(), "", results);
            } catch (ExecutionException error) {
                QenexException cause = (QenexException) error.getCause();
                return new Completion(0, cause.statusCode(), cause.getMessage(), new Results(new byte[0], cause.statusCode()));
            } catch (InterruptedException | TimeoutException error) {
                throw new Mismatch("the future did not complete: " + error);
            }
        }

        private Object collect(Engine on, JsonObject with, JsonObject expect) {
            int timeout = (int) number(with.get("timeout_ms"));
            int max = (int) number(with.get("max"));
            int wanted = expect.has("completions") ? expect.getAsJsonArray("completions").size() : 1;
            List<Completion> completions = new ArrayList<>(on.collect(timeout, max));
            while (completions.size() < wanted) {
                completions.addAll(on.collect(timeout, max));
            }
            return completions;
        }

        // Answers

        private void answered(String call, String key, JsonElement expected, Object answer)
                throws ReflectiveOperationException {
            switch (key) {
                case "results":
                    records("qenex_result", expected.getAsJsonArray(), (List<?>) answer);
                    return;
                case "balances":
                    records("qenex_balance", expected.getAsJsonArray(), (List<?>) answer);
                    return;
                case "records":
                    records(null, expected.getAsJsonArray(), recordsOf(answer));
                    return;
                case "count":
                    check(recordsOf(answer).size() == expected.getAsInt(), recordsOf(answer).size() + " records");
                    return;
                case "cursor":
                    check(
                            (cursorOf(answer) != null) == expected.getAsBoolean(),
                            "a cursor, or none, against what was expected");
                    return;
                case "completion":
                    completion(expected.getAsJsonObject(), (Completion) answer);
                    return;
                case "statement":
                    record(key, expected.getAsJsonObject(), ((IssuedStatement) answer).statement());
                    return;
                case "completions":
                    completions(expected.getAsJsonArray(), (List<?>) answer);
                    return;
                case "from":
                    same("from", expected, ((Upgrade) answer).from(), int.class);
                    return;
                case "to":
                    same("to", expected, ((Upgrade) answer).to(), int.class);
                    return;
                case "hash":
                    check(Arrays.equals(hex(expected.getAsString()), (byte[]) answer), "another hash");
                    return;
                default:
            }
            boolean isOut = false;
            for (JsonElement element : functions.getAsJsonObject(call).getAsJsonArray("arguments")) {
                String name = element.getAsJsonObject().get("name").getAsString();
                isOut = isOut || name.equals("out_" + key) || name.equals(key);
            }
            check(isOut || key.equals("returns") || key.equals("text"), "this runner does not know '" + key + "'");
            if (answer instanceof Answer) {
                record(key, expected.getAsJsonObject(), answer);
            } else if (answer instanceof JournalPage) {
                same(key, expected, ((JournalPage) answer).text(), String.class);
            } else {
                same(key, expected, answer, answer == null ? Object.class : answer.getClass());
            }
        }

        private void completions(JsonArray expected, List<?> answer) throws ReflectiveOperationException {
            check(expected.size() == answer.size(), answer.size() + " completions");
            Map<Long, Completion> byTag = new HashMap<>();
            for (Object completion : answer) {
                byTag.put(((Completion) completion).tag(), (Completion) completion);
            }
            for (JsonElement element : expected) {
                JsonObject one = element.getAsJsonObject();
                Completion completion = byTag.get(number(one.get("tag")));
                check(completion != null, "no completion has the tag " + one.get("tag"));
                completion(one, completion);
            }
        }

        private void completion(JsonObject expected, Completion completion) throws ReflectiveOperationException {
            check(expected.has("status") || completion.status() == Status.OK, "completed with " + completion.status());
            for (String key : expected.keySet()) {
                if (key.equals("results")) {
                    records("qenex_result", expected.getAsJsonArray(key), completion.results());
                } else {
                    Method getter = Completion.class.getMethod(lower(key));
                    same(key, expected.get(key), getter.invoke(completion), getter.getReturnType());
                }
            }
        }

        private void records(String record, JsonArray expected, List<?> answer) throws ReflectiveOperationException {
            check(expected.size() == answer.size(), answer.size() + " records instead of " + expected.size());
            for (int index = 0; index < answer.size(); index++) {
                Object one = answer.get(index);
                if (one instanceof String) {
                    JsonElement text = expected.get(index);
                    same("text", text.isJsonObject() && text.getAsJsonObject().has("text") ? text.getAsJsonObject().get("text") : text, one, String.class);
                } else {
                    record("[" + index + "]", expected.get(index).getAsJsonObject(), one);
                }
            }
        }

        private void record(String place, JsonObject expected, Object answer) throws ReflectiveOperationException {
            for (Map.Entry<String, JsonElement> entry : expected.entrySet()) {
                String name = lower(entry.getKey());
                Method getter;
                try {
                    getter = answer.getClass().getMethod(name + "Code");
                } catch (NoSuchMethodException none) {
                    getter = answer.getClass().getMethod(name);
                }
                same(place + "." + entry.getKey(), entry.getValue(), getter.invoke(answer), getter.getReturnType());
            }
        }

        private void same(String place, JsonElement expected, Object actual, Class<?> type)
                throws ReflectiveOperationException {
            if (actual instanceof Answer) {
                record(place, expected.getAsJsonObject(), actual);
                return;
            }
            JsonObject rule = expected.isJsonObject() ? expected.getAsJsonObject() : null;
            boolean right;
            if (rule != null && rule.has("above")) {
                long value = actual instanceof Instant ? Values.time((Instant) actual) : actual instanceof BigInteger ? ((BigInteger) actual).longValueExact() : ((Number) actual).longValue();
                right = value > rule.get("above").getAsLong();
            } else if (rule != null && rule.has("any")) {
                right = actual != null;
            } else if (rule != null && rule.has("contains")) {
                right = ((String) actual).contains(rule.get("contains").getAsString());
            } else if (actual instanceof Status) {
                right = ((Status) actual).code() == number(expected);
            } else if (actual instanceof Integer) {
                right = (Integer) actual == (int) number(expected);
            } else if (actual instanceof Long) {
                right = (Long) actual == number(expected);
            } else if (actual instanceof byte[]) {
                byte[] wanted = place.contains("user_data_128") || place.contains("salt") ? hex(expected.getAsString()) : bytes(expected);
                right = Arrays.equals((byte[]) actual, wanted);
            } else if (actual instanceof List) {
                List<Object> values = new ArrayList<>();
                for (JsonElement value : expected.getAsJsonArray()) {
                    List<?> list = (List<?>) actual;
                    Class<?> of = list.isEmpty() ? String.class : list.get(0).getClass();
                    values.add(value(of, value));
                }
                right = values.equals(actual);
            } else if (actual == null && type == Object.class) {
                throw new Mismatch(place + " has no answer");
            } else if (actual instanceof String && place.equals("returns") && constants.has(expected.getAsString())) {
                right = actual.equals(expected.getAsString());
            } else {
                Object wanted = value(type, expected);
                right = wanted == null ? actual == null : wanted.equals(actual);
            }
            check(right, place + " is " + (actual instanceof byte[] ? Arrays.toString((byte[]) actual) : actual) + " instead of " + expected);
        }

        // Values

        private long number(JsonElement value) {
            if (value.isJsonArray()) {
                long bits = 0;
                for (JsonElement name : value.getAsJsonArray()) {
                    bits |= number(name);
                }
                return bits;
            }
            if (value.getAsJsonPrimitive().isNumber()) {
                return value.getAsBigInteger().longValue();
            }
            check(constants.has(value.getAsString()), value + " is no constant");
            return constants.get(value.getAsString()).getAsBigInteger().longValue();
        }

        private java.util.UUID id(String text) {
            if (text.startsWith("$")) {
                check(saved.containsKey(text.substring(1)), text + " was not saved");
                return (java.util.UUID) saved.get(text.substring(1));
            }
            switch (text) {
                case "none":
                    return null;
                case "reserved":
                    return new java.util.UUID(-1, -1);
                default:
            }
            if (text.startsWith("@")) {
                java.nio.ByteBuffer bytes = java.nio.ByteBuffer.wrap(Arrays.copyOf(text.getBytes(StandardCharsets.UTF_8), 16));
                return new java.util.UUID(bytes.getLong(), bytes.getLong());
            }
            return java.util.UUID.fromString(text);
        }

        private String string(JsonElement value) {
            if (value == null || value.isJsonNull()) {
                return null;
            }
            check(value.isJsonPrimitive(), value + " is no text");
            return value.getAsString();
        }

        private byte[] bytes(JsonElement value) {
            if (value.isJsonObject()) {
                return hex(value.getAsJsonObject().get("hex").getAsString());
            }
            String text = value.getAsString();
            if (text.startsWith("$")) {
                check(saved.containsKey(text.substring(1)), text + " was not saved");
                return (byte[]) saved.get(text.substring(1));
            }
            return text.getBytes(StandardCharsets.UTF_8);
        }

        private byte[] hex(String digits) {
            byte[] bytes = new byte[digits.length() / 2];
            for (int at = 0; at < bytes.length; at++) {
                bytes[at] = (byte) Integer.parseInt(digits.substring(2 * at, 2 * at + 2), 16);
            }
            return bytes;
        }

        private LocalDate date(JsonElement value) {
            if (value.getAsJsonPrimitive().isNumber()) {
                return Values.date(value.getAsInt());
            }
            return LocalDate.parse(value.getAsString());
        }

        private Instant time(JsonElement value) {
            return value.getAsJsonPrimitive().isNumber()
                    ? Values.time(value.getAsLong())
                    : Instant.parse(value.getAsString());
        }

        private Path path(JsonElement value) {
            String text = value.getAsString();
            return text.startsWith("%/") ? scratch.resolve(text.substring(2)) : Path.of(text);
        }
    }

    private static void check(boolean holds, String message) {
        if (!holds) {
            throw new Mismatch(message);
        }
    }
}
