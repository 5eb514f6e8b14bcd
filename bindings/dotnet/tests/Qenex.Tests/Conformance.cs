// Runs the cases of tests/conformance through the package's public types. See tests/conformance/README.md. What it does
// not know, a function, a field, an answer, fails the case.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace Qenex.Tests
{
    using Map = Dictionary<string, object>;

    /// <summary>A case did not come out as expected.</summary>
    internal sealed class FailureException : Exception
    {
        internal FailureException(string message)
            : base(message)
        {
        }
    }

    /// <summary>The cases, and what api.json says of names.</summary>
    internal sealed class Conformance
    {
        private readonly Map given;
        private readonly Dictionary<string, Map> cases = new Dictionary<string, Map>();
        private readonly List<string> raw = new List<string>();

        internal Conformance(string folder)
        {
            Api = new Api((Map)Read(Path.Combine(folder, "api.json")));
            given = (Map)Read(Path.Combine(folder, "given.json"));
            string[] files = Directory.GetFiles(Path.Combine(folder, "cases"), "*.json");
            Array.Sort(files, StringComparer.Ordinal);
            foreach (Map entry in files.SelectMany(file => (List<object>)Read(file)).Cast<Map>())
            {
                string name = (string)entry["case"];
                if (entry.ContainsKey("raw"))
                {
                    raw.Add(name);
                }
                else
                {
                    cases.Add(name, entry);
                }
            }
        }

        internal Api Api { get; private set; }

        /// <summary>The names of the cases, in order.</summary>
        internal IEnumerable<string> Cases { get { return cases.Keys; } }

        /// <summary>Those that only a C program can run.</summary>
        internal IEnumerable<string> LeftOut { get { return raw; } }

        /// <summary>Functions of the library that no call of the runner stands for.</summary>
        internal IEnumerable<string> Unknown
        {
            get
            {
                return Api.Functions.Where(name => !Calls.Known(name)
                    && !name.StartsWith("qenex_error_", StringComparison.Ordinal)
                    && !name.StartsWith("qenex_buffer_", StringComparison.Ordinal));
            }
        }

        /// <summary>The folder tests/conformance of the repository that a path lies in.</summary>
        internal static string Find(string from)
        {
            for (DirectoryInfo folder = new DirectoryInfo(from); folder != null; folder = folder.Parent)
            {
                string found = Path.Combine(folder.FullName, "tests", "conformance");
                if (File.Exists(Path.Combine(found, "api.json")))
                {
                    return found;
                }
            }
            throw new FailureException("no tests/conformance above " + from);
        }

        /// <summary>Runs one case; throws when it does not come out as expected.</summary>
        internal void Run(string name)
        {
            Map entry = cases[name];
            string folder = Path.Combine(Path.GetTempPath(), "qenex-" + Guid.NewGuid().ToString("N"));
            Directory.CreateDirectory(folder);
            try
            {
                using (Case running = new Case(Api, folder))
                {
                    IEnumerable<object> steps = (List<object>)entry["steps"];
                    if (entry.ContainsKey("given"))
                    {
                        steps = ((List<object>)given[(string)entry["given"]]).Concat(steps);
                    }
                    int index = 0;
                    foreach (Map step in steps)
                    {
                        RunStep(running, step, index++);
                    }
                }
            }
            finally
            {
                Directory.Delete(folder, true);
            }
            if (Callbacks.Count != 0)
            {
                throw new FailureException(Callbacks.Count + " callbacks were never given back");
            }
        }

        private static void RunStep(Case running, Map step, int index)
        {
            try
            {
                new Step(running, step).Run();
            }
            catch (Exception error) when (!(error is OutOfMemoryException))
            {
                string said = error is FailureException ? error.Message : error.ToString();
                throw new FailureException("step " + index + ", " + step["call"] + ": " + said);
            }
        }

        private static object Read(string file)
        {
            return Json.Read(File.ReadAllText(file));
        }
    }

    /// <summary>Names of the interface, as api.json has them.</summary>
    internal sealed class Api
    {
        private readonly Map constants;
        private readonly Map records;
        private readonly Map functions;

        internal Api(Map api)
        {
            constants = (Map)api["constants"];
            records = (Map)api["records"];
            functions = (Map)api["functions"];
        }

        internal IEnumerable<string> Functions { get { return functions.Keys; } }

        internal decimal Constant(string name)
        {
            object value;
            if (!constants.TryGetValue(name, out value))
            {
                throw new FailureException("there is no constant " + name);
            }
            return (decimal)value;
        }

        internal bool IsFallible(string function)
        {
            return (bool)((Map)functions[function])["fallible"];
        }

        internal string FieldType(string record, string field)
        {
            foreach (Map found in (List<object>)((Map)records[record])["fields"])
            {
                if ((string)found["name"] == field)
                {
                    return (string)found["type"];
                }
            }
            throw new FailureException(record + " has no field " + field);
        }

        /// <summary>A number, a constant, or flags together.</summary>
        internal decimal Number(object value)
        {
            string name = value as string;
            List<object> names = value as List<object>;
            if (names != null)
            {
                return names.Aggregate(0UL, (bits, flag) => bits | (ulong)Constant((string)flag));
            }
            return name != null ? Constant(name) : (decimal)value;
        }
    }

    /// <summary>One case while it runs: what is open, and what was saved.</summary>
    internal sealed class Case : IDisposable
    {
        private readonly Dictionary<string, Engine> engines = new Dictionary<string, Engine>();
        private readonly Dictionary<string, Session> sessions = new Dictionary<string, Session>();
        private readonly string folder;
        private string lastEngine;
        private string lastSession;

        internal Case(Api api, string folder)
        {
            Api = api;
            this.folder = folder;
            Saved = new Map();
        }

        internal Api Api { get; private set; }

        internal Map Saved { get; private set; }

        internal void Add(string name, Engine engine)
        {
            engines[name] = engine;
            lastEngine = name;
        }

        internal void Add(string name, Session session)
        {
            sessions[name] = session;
            lastSession = name;
        }

        internal Engine Engine(Map with)
        {
            object name;
            return engines[with.TryGetValue("engine", out name) ? (string)name : lastEngine];
        }

        internal Session Session(Map with)
        {
            object name;
            return sessions[with.TryGetValue("session", out name) ? (string)name : lastSession];
        }

        internal string Path(object value)
        {
            string path = (string)value;
            return path.StartsWith("%/", StringComparison.Ordinal) ? System.IO.Path.Combine(folder, path.Substring(2)) : path;
        }

        public void Dispose()
        {
            foreach (Session session in sessions.Values)
            {
                session.Dispose();
            }
            foreach (Engine engine in engines.Values)
            {
                engine.Dispose();
            }
        }
    }

    /// <summary>One step: calls, and compares what came back.</summary>
    internal sealed class Step
    {
        private readonly Case running;
        private readonly string call;
        private readonly Map step;
        private readonly Map with;
        private readonly Map expect;

        internal Step(Case running, Map step)
        {
            this.running = running;
            this.step = step;
            call = (string)step["call"];
            with = step.ContainsKey("with") ? (Map)step["with"] : new Map();
            expect = step.ContainsKey("expect") ? (Map)step["expect"] : new Map();
        }

        internal void Run()
        {
            string statusName = expect.ContainsKey("status") ? (string)expect["status"] : "QENEX_OK";
            Status wanted = (Status)(int)running.Api.Constant(statusName);
            Map answers;
            try
            {
                answers = Calls.Run(call, new Inputs(running, step, with, expect));
            }
            catch (QenexException error)
            {
                Compare(error, wanted);
                return;
            }
            object status;
            if (!answers.TryGetValue("overall", out status))
            {
                status = Overall(answers);
            }
            if (running.Api.IsFallible(call) && (Status)status != wanted)
            {
                throw new FailureException("the status is " + status + ", not " + wanted);
            }
            if (step.ContainsKey("save"))
            {
                foreach (KeyValuePair<string, object> saved in (Map)step["save"])
                {
                    running.Saved[saved.Key] = answers[(string)saved.Value];
                }
            }
            foreach (KeyValuePair<string, object> item in expect)
            {
                if (item.Key != "status" && item.Key != "error")
                {
                    Comparison.Expect(item.Key, Answer(answers, item.Key), item.Value, running);
                }
            }
        }

        private static object Answer(Map answers, string key)
        {
            if (key == "count")
            {
                return ((Array)answers["records"]).Length;
            }
            if (key == "cursor")
            {
                return answers["cursor"] != null;
            }
            object found;
            if (!answers.TryGetValue(key, out found))
            {
                throw new FailureException("the call gives no " + key);
            }
            return found;
        }

        private void Compare(QenexException error, Status wanted)
        {
            if (error.Status != wanted)
            {
                throw new FailureException(error + ", not " + wanted);
            }
            Map wants = expect.ContainsKey("error") ? (Map)expect["error"] : new Map();
            foreach (KeyValuePair<string, object> item in wants)
            {
                switch (item.Key)
                {
                    case "item":
                        Comparison.Expect("error.item", error.Item ?? -1, item.Value, running);
                        break;
                    case "sqlite":
                        Comparison.Expect("error.sqlite", error.SqliteCode, item.Value, running);
                        break;
                    case "message":
                        if (!error.Explanation.Contains((string)item.Value))
                        {
                            throw new FailureException("the error's message is '" + error.Explanation + "'");
                        }
                        break;
                    default:
                        throw new FailureException("errors have no " + item.Key);
                }
            }
            if (error.Explanation.Length < 8)
            {
                throw new FailureException("the error's message is '" + error.Explanation + "'");
            }
        }

        /// <summary>The status that C would return: whether an item was refused.</summary>
        private static Status Overall(Map answers)
        {
            foreach (string key in new[] { "results", "balances", "records", "result" })
            {
                object found;
                if (!answers.TryGetValue(key, out found) || found == null)
                {
                    continue;
                }
                IEnumerable<object> items = found is Array ? ((Array)found).Cast<object>() : new[] { found };
                foreach (object item in items)
                {
                    System.Reflection.PropertyInfo status = item.GetType().GetProperty("Status");
                    // A schedule's status says how it ended, not whether the question was answered.
                    if (status != null && !(item is ScheduleRecord) && (Status)status.GetValue(item, null) != Status.Ok)
                    {
                        return Status.SomeRefused;
                    }
                }
            }
            return Status.Ok;
        }
    }
}
