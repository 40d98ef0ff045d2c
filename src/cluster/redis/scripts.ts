/**
 * What happens to the data, each time in one step of the server.
 *
 * - `{prefix}:meta`: which data these are (`id`) and whose (`run`: the `run_id` of the server, another one after each start and on a replica
 *   that became the primary), until when holders put back what they held (`warm`), the last epoch, which epochs are of before (`old`: up to that
 *   one), and the cluster's `leaseMs`. When it is missing, the data are other ones as well.
 * - `{prefix}:roots`: of each root that was not ended its epoch and until when it holds.
 * - `{prefix}:kind:<kind>`: the records. One whose root is not in `roots` with its epoch is of the past.
 * - `{prefix}:inbox:<name>`: a stream with the messages that wait.
 *
 * Times are those of the server, in microseconds. Scripts with `allow-oom` go on when the server has no memory left: what they write was
 * there before, or is as long as what it replaces. What another program has written in place of any of these is as nothing.
 */
import { createHash } from 'node:crypto';

/** A script, known to the server by its hash. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

function script(flags: '' | ' flags=allow-oom' | ' flags=no-writes', ...parts: readonly string[]): Script {
  const text = `#!lua${flags}\n${parts.join('\n')}`;
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/** KEYS[1] is meta, KEYS[2] roots. */
const COMMON = `
local function now()
  local t = redis.call('TIME')
  return t[1] * 1000000 + t[2]
end
local function int(n) return string.format('%.0f', n) end
local function count(text)
  local n = tonumber(text)
  return n and n >= 0 and n <= 9007199254740991 and n or nil
end
local function rootOf(key)
  local epoch, till = string.match(redis.call('HGET', KEYS[2], key) or '', '^(%d+) (%d+)$')
  epoch, till = count(epoch), count(till)
  if not epoch or not till then return nil, 0 end
  return epoch, till
end
local function recordOf(text)
  local epoch, rootEpoch, holder, root, value = string.match(text or '', '^(%d+) (%d+) (%S+) (%S+) (.*)$')
  epoch, rootEpoch = count(epoch), count(rootEpoch)
  if not epoch or not rootEpoch or #text > 70000 then return nil end
  return { epoch = epoch, rootEpoch = rootEpoch, holder = holder, root = root, value = value }
end
local function answer(code, record)
  return { code, int(record.epoch), record.root, int(record.rootEpoch), record.value }
end
`;

const WRITING = `
local function hold(key, epoch, till) redis.call('HSET', KEYS[2], key, int(epoch) .. ' ' .. int(till)) end
local function put(hash, name, epoch, root, rootEpoch, holder, value)
  redis.call('HSET', hash, name, int(epoch) .. ' ' .. int(rootEpoch) .. ' ' .. holder .. ' ' .. root .. ' ' .. value)
end
local function data(t, leaseMs)
  local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
  local meta = redis.call('HMGET', KEYS[1], 'run', 'id', 'warm', 'epoch', 'old')
  local warm, epoch, old = count(meta[3] or ''), count(meta[4] or ''), count(meta[5] or '')
  if meta[1] == run and meta[2] and warm and old then
    return { id = meta[2], warm = warm, epoch = epoch or old, old = old }
  end
  local found = { id = run .. '-' .. int(t), warm = t + leaseMs * 1000, epoch = epoch or 0 }
  -- What was claimed before has such an epoch, also when the clock was set back since.
  found.old = math.max(found.warm - 1, found.epoch)
  redis.call('HSET', KEYS[1], 'run', run, 'id', found.id, 'warm', int(found.warm), 'old', int(found.old))
  return found
end
local function seen(found, epoch)
  if epoch > found.epoch then
    found.epoch = epoch
    redis.call('HSET', KEYS[1], 'epoch', int(epoch))
  end
end
`;

/** ARGV: leaseMs. Says which data these are, or how long leases of the cluster are. */
export const JOIN: Script = script(
  ' flags=allow-oom',
  COMMON,
  WRITING,
  `
local t = now()
local found = data(t, ARGV[1])
local lease = redis.call('HGET', KEYS[1], 'lease')
if lease ~= ARGV[1] then
  for _, text in ipairs(lease and redis.call('HVALS', KEYS[2]) or {}) do
    if (count(string.match(text, ' (%d+)$')) or 0) > t then return { 'LEASE', lease } end
  end
  redis.call('HSET', KEYS[1], 'lease', ARGV[1])
end
return { 'OK', found.id }
`,
);

/** KEYS[3]: the kind. ARGV: leaseMs, key, name, value, holder, root or '', its epoch or '', from or ''. */
export const CLAIM: Script = script(
  '',
  COMMON,
  WRITING,
  `
local leaseMs, key, name, value, holder, root = unpack(ARGV)
local rootEpoch, from = tonumber(ARGV[7]), tonumber(ARGV[8])
local isRoot = root == ''
local t = now()
local found = data(t, leaseMs)
if not isRoot and rootOf(root) ~= rootEpoch then return { 'LOST' } end
local record = recordOf(redis.call('HGET', KEYS[3], name))
local till = t + leaseMs * 1000
if record then
  local epoch, heldTill = rootOf(record.root)
  local hasRoot = epoch == record.rootEpoch
  local isMine = record.holder == holder and hasRoot
  if isRoot then isMine = isMine and record.root == key
  else isMine = isMine and record.root == root and record.rootEpoch == rootEpoch end
  -- In data that are old somebody may have had since what is this bus's own there: it is another claim then, and not before all have looked.
  if isMine and record.epoch > found.old then
    put(KEYS[3], name, record.epoch, record.root, record.rootEpoch, holder, value)
    if isRoot then hold(key, record.epoch, till) end
    return { 'OK', int(record.epoch), found.id }
  end
  local isGivenUp = isMine or record.epoch == from
  if hasRoot and t < heldTill and not isGivenUp then return answer('TAKEN', record) end
  if t < found.warm then return { 'WARMING' } end
  if hasRoot and not isGivenUp then redis.call('HDEL', KEYS[2], record.root) end
elseif t < found.warm then
  return { 'WARMING' }
end
local epoch = math.max(t, found.epoch + 1, record and record.epoch + 1 or 0)
seen(found, epoch)
if isRoot then
  put(KEYS[3], name, epoch, key, epoch, holder, value)
  hold(key, epoch, till)
else
  put(KEYS[3], name, epoch, root, rootEpoch, holder, value)
end
return { 'OK', int(epoch), found.id }
`,
);

/** KEYS[3]: the kind. ARGV: leaseMs, key, name, value, holder, epoch, the data in which it was held. */
export const RENEW: Script = script(
  ' flags=allow-oom',
  COMMON,
  WRITING,
  `
local leaseMs, key, name, value, holder = unpack(ARGV)
local epoch, id = tonumber(ARGV[6]), ARGV[7]
local t = now()
local found = data(t, leaseMs)
local known = rootOf(key)
if known then
  if known > epoch then return { 'LOST' } end
elseif id == found.id then
  return { 'LOST' }
end
if id ~= found.id or known ~= epoch then
  local record = recordOf(redis.call('HGET', KEYS[3], name))
  if record and record.epoch > epoch then return { 'LOST' } end
  put(KEYS[3], name, epoch, key, epoch, holder, value)
  seen(found, epoch)
end
hold(key, epoch, t + leaseMs * 1000)
return { 'OK', found.id }
`,
);

/** KEYS[3]: the kind. ARGV: name, epoch, value. */
export const UPDATE: Script = script(
  '',
  COMMON,
  WRITING,
  `
local record = recordOf(redis.call('HGET', KEYS[3], ARGV[1]))
if not record or record.epoch ~= tonumber(ARGV[2]) or rootOf(record.root) ~= record.rootEpoch then return 'LOST' end
put(KEYS[3], ARGV[1], record.epoch, record.root, record.rootEpoch, record.holder, ARGV[3])
return 'OK'
`,
);

/** KEYS[3..]: kinds. ARGV: leaseMs, root, its epoch, holder; of each lease the number of its kind among KEYS, name, epoch, value. */
export const RESTORE: Script = script(
  ' flags=allow-oom',
  COMMON,
  WRITING,
  `
local leaseMs, root, rootEpoch, holder = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local t = now()
local found = data(t, leaseMs)
if rootOf(root) ~= rootEpoch then return { 'LOST' } end
local reply = { 'OK', t < found.warm and '1' or '' }
for i = 5, #ARGV, 4 do
  local hash, name, epoch = KEYS[tonumber(ARGV[i])], ARGV[i + 1], tonumber(ARGV[i + 2])
  local record = recordOf(redis.call('HGET', hash, name))
  if record and record.epoch > epoch then
    reply[#reply + 1] = int((i - 5) / 4)
  elseif not record or record.epoch < epoch then
    put(hash, name, epoch, root, rootEpoch, holder, ARGV[i + 3])
    seen(found, epoch)
  end
end
return reply
`,
);

/** KEYS[3]: the kind. ARGV: key, name, epoch. */
export const RELEASE: Script = script(
  ' flags=allow-oom',
  COMMON,
  `
local epoch = tonumber(ARGV[3])
local record = recordOf(redis.call('HGET', KEYS[3], ARGV[2]))
if not record or record.epoch ~= epoch then return 'OK' end
redis.call('HDEL', KEYS[3], ARGV[2])
if rootOf(ARGV[1]) == epoch then redis.call('HDEL', KEYS[2], ARGV[1]) end
return 'OK'
`,
);

/** KEYS[3]: the kind. ARGV: name. */
export const FIND: Script = script(
  ' flags=no-writes',
  COMMON,
  `
local record = recordOf(redis.call('HGET', KEYS[3], ARGV[1]))
if not record then return {} end
local epoch, till = rootOf(record.root)
if epoch ~= record.rootEpoch or now() >= till then return {} end
return answer(ARGV[1], record)
`,
);

/**
 * KEYS[3]: the kind. ARGV: cursor. A page of those that are held, behind the next cursor. What is of the past is removed: records whose
 * root was ended, and roots that nobody has renewed for ten minutes.
 */
export const LIST: Script = script(
  ' flags=allow-oom',
  COMMON,
  `
local page = redis.call('HSCAN', KEYS[3], ARGV[1], 'COUNT', 200)
local reply = { page[1] }
local t = now()
local isWarm = t >= (count(redis.call('HGET', KEYS[1], 'warm') or '') or 0)
for i = 1, #page[2], 2 do
  local name, record = page[2][i], recordOf(page[2][i + 1])
  local epoch, till = rootOf(record and record.root or '')
  if record and epoch == record.rootEpoch and isWarm and t > till + 600000000 then
    redis.call('HDEL', KEYS[2], record.root)
    epoch = nil
  end
  if record and epoch == record.rootEpoch then
    if t < till then reply[#reply + 1] = answer(name, record) end
  elseif not record or not epoch or epoch > record.rootEpoch then
    redis.call('HDEL', KEYS[3], name)
  end
end
return reply
`,
);

/** KEYS[1]: the inbox. ARGV: how many may wait, for how many milliseconds, the channel of its receiver, the message. */
export const SEND: Script = script(
  '',
  `
local waiting = redis.call('XLEN', KEYS[1])
if waiting >= tonumber(ARGV[1]) then return 'FULL' end
redis.call('XADD', KEYS[1], '*', 'b', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
-- A receiver that has something to do looks again when it has done it.
if waiting == 0 then redis.call('SPUBLISH', ARGV[3], '') end
return 'OK'
`,
);

/** KEYS: inboxes that have a receiver. ARGV: for how many milliseconds messages wait. How many wait in each. */
export const LOOK: Script = script(
  ' flags=allow-oom',
  `
local reply = {}
for i, key in ipairs(KEYS) do
  reply[i] = redis.call('XLEN', key)
  redis.call('PEXPIRE', key, ARGV[1])
end
return reply
`,
);

/** All of them. */
export const SCRIPTS: readonly Script[] = [
  ...[JOIN, CLAIM, RENEW, UPDATE, RESTORE, RELEASE, FIND, LIST, SEND, LOOK],
];
