package org.qenex;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
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

    /** A function that is exported and missing here fails, so that nothing can be forgotten. */
    @Test
    void everyFunctionHasAPublicMethod() throws Exception {
        Path cases = Path.of(System.getProperty("qenex.conformance"));
        assertEquals(Set.of(), new Conformance(cases).missing());
    }
}
