/** What one thread does: its workers, told what to do by messages of the pool. */
import { BatchWorker } from "./batch_worker.ts";
import { describeCrash } from "./judge_failure.ts";
import { PlanningWorker } from "./planning_worker.ts";
import { Programs } from "./programs.ts";
import { type LentConnection, WorkerConnection } from "./worker_connection.ts";
import type { FromWorker, Role, ToWorker } from "./worker_messages.ts";

/** Milliseconds between two signs of life. */
const SIGN_OF_LIFE = 1_000;

export class Roles {
  readonly #post: (message: FromWorker) => void;
  readonly #lent: LentConnection | null;
  readonly #alive: ReturnType<typeof setInterval>;
  #workers: readonly (BatchWorker | PlanningWorker)[] = [];
  #connection: WorkerConnection | null = null;

  /** `lent`: the workers' connection, instead of one of their own. */
  constructor(post: (message: FromWorker) => void, lent: LentConnection | null = null) {
    this.#post = post;
    this.#lent = lent;
    this.#alive = setInterval(() => post({ type: "alive" }), SIGN_OF_LIFE);
  }

  hear(message: ToWorker): void {
    switch (message.type) {
      case "connect":
        return this.#connect(message);
      case "begin":
        Promise.all(this.#workers.map((one) => one.run(message.assignment))).then(
          () => this.#post({ type: "ended" }),
          (error: unknown) => this.#post({ type: "crashed", message: describeCrash(error) }),
        );
        return;
      case "wake":
        for (const one of this.#workers) if (message.roles.includes(roleOf(one))) one.wake();
        return;
      case "avoid":
        for (const one of this.#workers) if (one instanceof BatchWorker) one.avoid(message.runs);
        return;
      case "share":
        for (const one of this.#workers) one.share();
        return;
      case "stop":
        for (const one of this.#workers) one.stop();
        return;
    }
  }

  /** Ends the workers at once, and cuts their connections. Nothing more comes from them. */
  cut(): void {
    clearInterval(this.#alive);
    for (const one of this.#workers) one.stop();
    this.#connection?.cut();
  }

  /** A thread that plans and loads has few batches to expect, so one connection is enough. */
  #connect(options: ToWorker & { type: "connect" }): void {
    const { config, schemaName, roles, name } = options;
    const connection = this.#connection = new WorkerConnection(
      config,
      schemaName,
      `ingest ${roles.includes("load") ? name : "planner"}`,
      this.#lent,
    );
    const programs = roles.length > 1 ? new Programs() : undefined;
    this.#workers = roles.map((role) => {
      const worker = this.#make(role, options, connection, programs);
      worker.onConnection = (news) => this.#post({ ...news, role });
      return worker;
    });
    connection.begin();
  }

  #make(
    role: Role,
    { schemaName, name }: ToWorker & { type: "connect" },
    connection: WorkerConnection,
    programs: Programs | undefined,
  ): BatchWorker | PlanningWorker {
    return role === "load"
      ? new BatchWorker({ connection, schemaName, name, programs, onEvent: this.#post })
      : new PlanningWorker({
        connection,
        schemaName,
        programs,
        onPlanned: (batches) => this.#post({ type: "planned", batches }),
        onSettled: (ended) => this.#post({ type: "settled", ended }),
      });
  }
}

function roleOf(one: BatchWorker | PlanningWorker): Role {
  return one instanceof BatchWorker ? "load" : "plan";
}
