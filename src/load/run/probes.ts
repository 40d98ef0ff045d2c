/** What is read of processes while a run goes on, as interfaces: tests have their own. */

/** What a process has used. */
export interface ProcessUse {
  /** Processor time since it began, in ms. */
  readonly cpuMs: number;
  /** Resident memory now, in bytes. */
  readonly memoryBytes: number;
}

/** The process of the server. */
export interface ServerProbe {
  /** Its number. */
  readonly pid: number;
  /** What it has used; `undefined` when it is not there any more. */
  read(): ProcessUse | undefined;
}

/** This process. */
export interface GeneratorProbe {
  /** What it has used. */
  read(): ProcessUse;
  /** By how much timers were late in 99 of 100 cases since the beginning, in ms. */
  lagP99Ms(): number;
  /** Nothing more is measured. */
  close(): void;
}
