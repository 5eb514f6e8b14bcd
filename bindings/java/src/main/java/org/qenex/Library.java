package org.qenex;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Finds and loads libqenex and the native code of this package, once: from the folder that the system property
 * {@code qenex.library.path} names, else from {@code java.library.path}, else from the jar. A library of another
 * binary interface is refused.
 */
final class Library {
    static final String PROPERTY = "qenex.library.path";
    private static final String GLUE = System.mapLibraryName("qenexjni");
    private static final List<String> CORE =
            List.of("libqenex.so.0", "libqenex.so", "libqenex.dylib", "qenex.dll");

    /** What went wrong; null: the library is loaded. */
    private static final String FAILURE = load();

    private Library() {}

    /** Throws unless the library is loaded. */
    static void ready() {
        if (FAILURE != null) {
            throw new LibraryException(FAILURE);
        }
    }

    private static String load() {
        try {
            String failure = find();
            if (failure == null) {
                failure = compare(Glue.headerVersion(), Glue.libraryVersion(), Glue.libraryName());
            }
            if (failure == null) {
                failure = compareLayouts();
            }
            if (failure == null) {
                Glue.register();
            }
            return failure;
        } catch (LinkageError | IOException error) {
            return "libqenex was found but does not load: "
                    + error.getMessage()
                    + ". This package reads the binary interface "
                    + Limits.ABI_VERSION
                    + ": install libqenex and libqenexjni of the package's own version.";
        }
    }

    /** What is wrong with the versions; null: nothing. */
    static String compare(int header, int library, byte[] name) {
        if (header == Limits.ABI_VERSION && library == Limits.ABI_VERSION) {
            return null;
        }
        return "libqenex "
                + new String(name, StandardCharsets.UTF_8)
                + " has the binary interface "
                + library
                + " and libqenexjni was compiled for "
                + header
                + ", but this package reads "
                + Limits.ABI_VERSION
                + ": install libqenex and libqenexjni of the package's own version.";
    }

    /** What is wrong with the records that the native code was compiled with; null: nothing. */
    private static String compareLayouts() {
        for (int index = 0; index <= Layout.ALL.length; index++) {
            String failure = compareLayout(index < Layout.ALL.length ? Layout.ALL[index] : null, Glue.layout(index));
            if (failure != null) {
                return failure;
            }
        }
        return null;
    }

    /** What is wrong with one record; null: nothing. */
    static String compareLayout(String expected, byte[] compiled) {
        String found = compiled == null ? null : new String(compiled, StandardCharsets.UTF_8);
        if (Objects.equals(expected, found)) {
            return null;
        }
        return "libqenexjni was compiled with other records than this package reads (size and offsets): "
                + found
                + " instead of "
                + expected
                + ". Compile it again from the package's own version (bindings/java/build-native.sh).";
    }

    private static String find() throws IOException {
        String named = System.getProperty(PROPERTY, "");
        if (!named.isEmpty()) {
            Path folder = Path.of(named).toAbsolutePath();
            return loadFrom(folder)
                    ? null
                    : "there is no " + GLUE + " in " + folder + ", which the system property " + PROPERTY
                            + " names: let it name the folder that has it (bindings/java/build-native.sh makes one).";
        }
        List<String> looked = new ArrayList<>();
        for (String entry : System.getProperty("java.library.path", "").split(File.pathSeparator)) {
            if (!entry.isEmpty() && loadFrom(Path.of(entry).toAbsolutePath())) {
                return null;
            }
            looked.add(entry);
        }
        if (loadFromJar()) {
            return null;
        }
        return "there is no " + GLUE + " in java.library.path (" + String.join(", ", looked) + "), and the jar has no natives/"
                + platform() + ": set the system property " + PROPERTY + " to the folder that has it"
                + " (bindings/java/build-native.sh makes one).";
    }

    /** Loads libqenex, where it lies beside, and the native code; false: it is not there. */
    private static boolean loadFrom(Path folder) {
        Path glue = folder.resolve(GLUE);
        if (!Files.isRegularFile(glue)) {
            return false;
        }
        for (String name : CORE) {
            Path core = folder.resolve(name);
            if (Files.isRegularFile(core)) {
                System.load(core.toString());
                break;
            }
        }
        System.load(glue.toString());
        return true;
    }

    private static boolean loadFromJar() throws IOException {
        if (Library.class.getResource("/natives/" + platform() + "/" + GLUE) == null) {
            return false;
        }
        Path folder = Files.createTempDirectory("qenex");
        List<Path> copies = new ArrayList<>();
        List<String> names = new ArrayList<>(CORE);
        names.add(GLUE);
        for (String name : names) {
            try (InputStream bytes = Library.class.getResourceAsStream("/natives/" + platform() + "/" + name)) {
                if (bytes != null) {
                    Path copy = folder.resolve(name);
                    Files.copy(bytes, copy, StandardCopyOption.REPLACE_EXISTING);
                    copies.add(copy);
                }
            }
        }
        try {
            return loadFrom(folder);
        } finally {
            // What is loaded stays loaded; Windows alone keeps the files until the end.
            for (Path copy : copies) {
                delete(copy);
            }
            delete(folder);
        }
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException error) {
            path.toFile().deleteOnExit();
        }
    }

    /** The name of this machine's folder in the jar, such as {@code linux-x86_64}. */
    static String platform() {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        String system = os.startsWith("windows") ? "windows" : os.startsWith("mac") ? "macos" : os.replace(' ', '-');
        return system + "-" + (arch.equals("amd64") ? "x86_64" : arch);
    }
}
