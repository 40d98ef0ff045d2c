/** Which options of a server a network thread can honour. docs/decisions/0004-network-thread.md. */
import { checkOptions } from '../../../options/internal.ts';
import { crc32 } from '../../enet/index.ts';
import { checkThreadLimits, THREAD_LIMIT_NAMES } from '../../runtime/internal.ts';
import type { ENetServerOptions } from '../options.ts';

/** @throws TypeError for options that a network thread cannot honour; RangeError for limits of it out of range. */
export function checkThreadOptions(options: ENetServerOptions): void {
  const { thread } = options;
  if (thread !== undefined && typeof thread !== 'boolean') {
    checkThreadLimits(thread);
    checkOptions(thread, THREAD_LIMIT_NAMES, 'thread', 'limit');
  }
  if (options.runtime?.attachRemote === undefined) {
    throw new TypeError('"thread" expected a runtime with threads (attachRemote), got one without');
  }
  const { checksum, intercept, verifyTime } = options.host ?? {};
  if (checksum !== undefined && checksum !== crc32) {
    throw new TypeError(
      '"host.checksum" expected crc32 or undefined with "thread": a function cannot cross threads',
    );
  }
  for (const [name, hook] of Object.entries({ intercept, verifyTime })) {
    if (hook === undefined) continue;
    throw new TypeError(`"host.${name}" expected undefined with "thread": a function cannot cross threads`);
  }
}
