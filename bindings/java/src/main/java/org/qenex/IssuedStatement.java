package org.qenex;

/** A statement that was cut, and a page of its lines: the same whenever it is asked for. */
public final class IssuedStatement {
    private final StatementRecord statement;
    private final Page<IssuedLine> lines;

    IssuedStatement(StatementRecord statement, Page<IssuedLine> lines) {
        this.statement = statement;
        this.lines = lines;
    }

    /** Its number, its balances and its last day. */
    public StatementRecord statement() {
        return statement;
    }

    /** Its lines, the oldest date first. */
    public Page<IssuedLine> lines() {
        return lines;
    }
}
