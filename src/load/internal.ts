/** The internal door of src/load, for the command. Re-exports only. */
export { BotScriptError } from './bot.ts';
export { loadBotScript } from './process/botScript.ts';
export { probeGenerator } from './process/generatorProbe.ts';
export { findListener, probeProcess } from './process/procfs.ts';
export { watchThread } from './process/watchdog.ts';
export { htmlReport } from './report/htmlReport.ts';
export type { LoadReport, LoadSample } from './report/report.ts';
export { progressLine, textReport } from './report/textReport.ts';
export type { LoadThresholds } from './report/thresholds.ts';
export { LoadRun, type LoadRunOptions } from './run/LoadRun.ts';
export type { ServerProbe } from './run/probes.ts';
export { isLoopback, isPrivate, type LoadTarget, readLoadTarget } from './target.ts';
