// Handles that are closed, closed under others' feet, forgotten and collected; tasks; callbacks that throw or use the engine.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;

namespace Qenex.Tests
{
    public static partial class BindingTests
    {
        public static void Closing_is_final_and_may_be_repeated()
        {
            Engine engine = Engine.InMemory();
            Session session = engine.OpenSession("teller");
            Funded(session);
            Session other = engine.OpenSession("other");
            other.Dispose();
            other.Dispose();
            QenexException error = Throws<QenexException>(Status.InvalidHandle, () => other.Balance("ACC001", "USD"));
            True(error.Explanation.Contains("session is closed"), error.Message);
            engine.Close();
            engine.Close();
            engine.Dispose();
            Throws<QenexException>(Status.Closed, () => session.Balance("ACC001", "USD"));
            Throws<QenexException>(Status.InvalidHandle, () => engine.OpenSession("late"));
            Throws<QenexException>(Status.InvalidHandle, () => engine.GetStats());
            session.Dispose();
        }

        public static void Closing_while_others_call()
        {
            for (int round = 0; round < 6; round++)
            {
                Engine engine = Engine.InMemory();
                Session session = engine.OpenSession("teller");
                Funded(session);
                using (CountdownEvent running = new CountdownEvent(4))
                {
                    Task<Status>[] callers = Enumerable.Range(0, 4).Select(i => Task.Factory.StartNew(() =>
                    {
                        running.Signal();
                        try
                        {
                            while (true)
                            {
                                session.Balance("ACC001", "USD");
                                session.CreateTransfers(new[] { Payment(null) });
                            }
                        }
                        catch (QenexException error)
                        {
                            return error.Status;
                        }
                    }, TaskCreationOptions.LongRunning)).ToArray();
                    running.Wait();
                    if (round % 2 == 0)
                    {
                        engine.Close();
                        Wait(callers);
                        session.Dispose();
                    }
                    else
                    {
                        session.Dispose();
                        Wait(callers);
                        engine.Close();
                    }
                    Status[] fitting = { Status.Closed, Status.InvalidHandle };
                    True(callers.All(caller => fitting.Contains(caller.Result)), string.Join(", ", callers.Select(c => c.Result)));
                }
            }
        }

        public static void Handles_that_nobody_closes_are_collected()
        {
            for (int i = 0; i < 20; i++)
            {
                Forget();
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        }

        public static void Collecting_garbage_takes_nothing_from_a_call()
        {
            using (Engine engine = Engine.InMemory())
            {
                int stop = 0;
                Task collector = Task.Factory.StartNew(() =>
                {
                    while (Volatile.Read(ref stop) == 0)
                    {
                        GC.Collect();
                        Thread.Yield();
                    }
                }, TaskCreationOptions.LongRunning);
                Funded(engine.OpenSession("teller"));
                for (int i = 0; i < 50; i++)
                {
                    // The session is garbage as soon as its last call has begun.
                    engine.OpenSession("teller").CreateTransfers(Enumerable.Range(0, 50).Select(n => Payment(null)))
                        .ThrowIfRefused();
                }
                Volatile.Write(ref stop, 1);
                collector.Wait();
            }
        }

        /// <summary>The library's threads block all signals, and what they start inherits that: mono could not stop them.</summary>
        public static void Collecting_garbage_after_callbacks_on_the_library_s_threads()
        {
            using (Engine engine = Engine.InMemory())
            using (Session session = engine.OpenSession("teller"))
            {
                Funded(session);
                for (int round = 0; round < 20; round++)
                {
                    Wait(session.SubmitAsync(new[] { Payment(null) }).ContinueWith(done => GC.Collect()));
                    GC.Collect();
                    GC.WaitForPendingFinalizers();
                }
            }
        }

        public static void Tasks_end_with_their_results()
        {
            using (Engine engine = new Engine(new EngineOptions { Flags = OpenFlags.Memory, QueueCapacity = 64 }))
            using (Session session = engine.OpenSession("teller"))
            {
                Funded(session);
                Task<Result[]>[] tasks = Enumerable.Range(0, 20)
                    .Select(i => session.SubmitAsync(new Command[] { Payment(null), Unknown() })).ToArray();
                Wait(tasks);
                foreach (Task<Result[]> task in tasks)
                {
                    Equal(Status.Ok, task.Result[0].Status);
                    Equal(Status.DebitAccountUnknown, task.Result[1].Status);
                }
                // What continues a task may use the engine: it does not run in the library's thread.
                Task<decimal> continued = session.SubmitAsync(new[] { Payment(null) })
                    .ContinueWith(done => session.Balance("ACC002", "USD"), TaskContinuationOptions.ExecuteSynchronously);
                Wait(continued);
                Equal(0.21m, continued.Result);
                // A batch that fails, one that is none, one that is not queued.
                Faulted(Status.ClockWentBack, session.SubmitAsync(new[] { Payment(null) },
                    new ExecuteOptions { Time = new DateTimeOffset(1999, 1, 1, 0, 0, 0, TimeSpan.Zero) }));
                Faulted(Status.EmptyBatch, session.SubmitAsync(new Command[0]));
                True(session.SubmitAsync(new[] { Payment(null) }, null, new CancellationToken(true)).IsCanceled, "cancelled");
                Task<Result[]> last = session.SubmitAsync(new[] { Payment(null) });
                engine.Close();
                True(last.IsCompleted || last.Wait(PatienceMs), "closing finishes what is queued");
                Equal(Status.Ok, last.Result[0].Status);
                Faulted(Status.Closed, session.SubmitAsync(new[] { Payment(null) }));
            }
            Equal(0, Callbacks.Count);
        }

        public static void Callbacks_may_throw()
        {
            bool broken = false;
            EngineOptions options = new EngineOptions
            {
                Flags = OpenFlags.Memory,
                Log = message => { throw new InvalidOperationException("a log that throws"); },
                LogLevel = LogLevel.Info,
                Clock = () =>
                {
                    if (broken)
                    {
                        throw new InvalidOperationException("a clock that throws");
                    }
                    return DateTimeOffset.UtcNow;
                },
            };
            string folder = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "qenex-" + Guid.NewGuid().ToString("N"));
            System.IO.Directory.CreateDirectory(folder);
            using (Engine engine = new Engine(options))
            using (Session session = engine.OpenSession("teller"))
            {
                Funded(session);
                broken = true;
                QenexException error = Fails<QenexException>(() => session.Transfer("ACC001", "ACC002", "1.00", "USD"));
                Equal("a clock that throws", error.InnerException.Message);
                Equal(Status.InvalidArgument, error.Status);
                True(error.Explanation.Contains("Nothing was applied"), error.Message);
                broken = false;
                Equal(0.00m, session.Balance("ACC002", "USD"));
                session.Transfer("ACC001", "ACC002", "1.00", "USD");
                Equal(1.00m, session.Balance("ACC002", "USD"));
                // A clock that fails while a queued batch is evaluated: time stands still, and the task ends.
                Task<Result[]> queued = session.SubmitAsync(new[] { Payment(null) });
                broken = true;
                Wait(queued);
                broken = false;
                Fails<QenexException>(() => new Engine(new EngineOptions
                {
                    Flags = OpenFlags.Memory,
                    Clock = () => { throw new InvalidOperationException("never"); },
                }));
                string copy = System.IO.Path.Combine(folder, "copy.db");
                Fails<TimeZoneNotFoundException>(() => engine.Backup(copy, (done, total) =>
                {
                    throw new TimeZoneNotFoundException();
                }));
                // The last step cannot be stopped, and a small file has no other: a path is used once.
                string second = System.IO.Path.Combine(folder, "second.db");
                engine.Backup(second, (done, total) => true);
                True(System.IO.File.Exists(second), "the copy is there");
            }
            System.IO.Directory.Delete(folder, true);
            Equal(0, Callbacks.Count);
        }

        public static void Callbacks_may_not_use_the_engine()
        {
            Engine engine = null;
            Session session = null;
            List<Status> told = new List<Status>();
            bool ask = false;
            EngineOptions options = new EngineOptions { Flags = OpenFlags.Memory };
            options.Clock = () =>
            {
                if (ask)
                {
                    ask = false;
                    told.Add(Fails<QenexException>(() => session.Balance("ACC001", "USD")).Status);
                    told.Add(Fails<QenexException>(() => engine.Close()).Status);
                }
                return DateTimeOffset.UtcNow;
            };
            using (engine = new Engine(options))
            using (session = engine.OpenSession("teller"))
            {
                Funded(session);
                ask = true;
                session.Transfer("ACC001", "ACC002", "1.00", "USD");
                Equal("Reentrant, Reentrant", string.Join(", ", told));
                // The refused close has left the engine as it was.
                Equal(1.00m, session.Balance("ACC002", "USD"));
            }
            Throws<QenexException>(Status.InvalidHandle, () => engine.OpenSession("late"));
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void Forget()
        {
            Session session = Engine.InMemory().OpenSession("teller");
            session.OpenAccount("ACC001", "USD", "1.00");
        }

        private static void Faulted(Status status, Task<Result[]> task)
        {
            AggregateException failed = Fails<AggregateException>(() => task.Wait(PatienceMs));
            Equal(status, ((QenexException)failed.InnerException).Status);
        }
    }
}
