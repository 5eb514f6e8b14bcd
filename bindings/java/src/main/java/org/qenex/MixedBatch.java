package org.qenex;

/** Commands of different kinds for one call, in order. Not for several threads at once. */
public final class MixedBatch {
    private final Bytes commands;
    private final Bytes arena = new Bytes(true, 1024);
    private int count;

    /** An empty batch. */
    public MixedBatch() {
        Library.ready();
        commands = new Bytes(true, 16 * Layout.Command.SIZE);
    }

    /** Adds a copy of a command. */
    public MixedBatch add(Command<?> command) {
        int at = arena.add(command.size());
        command.copyTo(arena, at, arena);
        int place = commands.add(Layout.Command.SIZE);
        commands.buffer().putInt(place + Layout.Command.KIND, command.kindOfCommand().code());
        commands.buffer().putInt(place + Layout.Command.OFFSET, at);
        commands.buffer().putInt(place + Layout.Command.SIZE_FIELD, command.size());
        count++;
        return this;
    }

    /** How many commands there are. */
    public int size() {
        return count;
    }

    /** Takes all commands away, and keeps the memory. */
    public MixedBatch clear() {
        commands.clear();
        arena.clear();
        count = 0;
        return this;
    }

    void pin(Call call) {
        call.pin(commands, Layout.Command.SIZE, count, arena);
    }
}
