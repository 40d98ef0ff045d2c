/** Where events go: to channels, to spans. */
import type { DiagnosticsChannel, DiagnosticsMessages } from './events.ts';

/** What takes events. */
export interface EventSink {
  /** Whether anybody would hear of it now. */
  wants(name: DiagnosticsChannel): boolean;
  /** Takes an event that is wanted. */
  tell<Name extends DiagnosticsChannel>(name: Name, message: DiagnosticsMessages[Name]): void;
}
