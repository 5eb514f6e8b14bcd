package org.qenex;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cases that all languages run. */
class ConformanceTest {
    @TempDir Path folder;

    @Test
    void everyCasePasses() throws Exception {
        Path cases = Path.of(System.getProperty("qenex.conformance"));
        assertEquals(List.of(), new Conformance(cases).run(folder));
    }
}
