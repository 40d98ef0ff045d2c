/*
 * A scripted ENet peer for the live tests: it does with the C library libenet what its standard input says, one
 * command a line, and prints what happens as one JSON object a line. driver.ts starts it and describes the commands.
 *
 *   in:   ID verb key=value ...          values are unsigned integers
 *   out:  {"re":ID, ...}                 the answer to the command, exactly one each
 *         {"ev":"...", ...}              what happened on the network
 *
 * One process may hold many hosts (one socket each). It ends on "quit", on the end of its input, or by an alarm.
 * Its random traffic and its packet patterns are described in traffic.ts, which does the same for our side.
 */
#include <enet/enet.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define MAX_HOSTS 256
#define MAX_CHANNELS 8   /* of random traffic */
#define MAX_SERIALS 65536
#define HEADER_SIZE 20
#define END_SIZE (HEADER_SIZE + 20)
#define DATA_MAGIC 0xE7
#define END_MAGIC 0xE8
#define TICK_MS 10
#define MAX_ROUND_TRIPS (1 << 20) /* whose times are kept */

typedef struct {
  uint32_t next_serial;
  uint32_t sent[4];
  uint32_t reliable_hash;
} SendChannel;

typedef struct {
  uint32_t next_serial; /* smallest serial that may come next on the ordered kinds */
  uint32_t received[4];
  uint32_t empty_unreliable[2];
  uint32_t reliable_hash;
  uint32_t announced[4];
  int has_ended;
  uint8_t seen[MAX_SERIALS / 8];
} ReceiveChannel;

typedef struct {
  int is_sending;
  int is_expecting;
  int has_reported;
  uint32_t seed, random_state, channel_count, min_size, max_size, rate;
  uint64_t next_us, end_us;
  uint32_t violations, corrupt_next;
  SendChannel out[MAX_CHANNELS];
  ReceiveChannel in[MAX_CHANNELS];
} Traffic;

typedef struct {
  ENetHost *host;
  int is_echoing;
  int is_frozen;
  int is_due;
  int is_collecting; /* packets are counted and hashed, not reported one by one */
  uint32_t collected, collected_reliable, collected_hash;
  Traffic **traffic; /* one per peer slot, NULL while unused */
} Slot;

typedef struct {
  int is_running;
  uint64_t start_us, end_us;
  uint64_t cpu_us;
  uint32_t round_trips, size, channel, flags;
  uint32_t rate; /* 0: a fixed number of packets is under way; else packets per second of each host's first peer */
  uint8_t *bytes; /* begins with the time at which the packet was given to libenet, when it has 8 bytes */
  uint64_t next_us[MAX_HOSTS];
} Load;

static Slot slots[MAX_HOSTS];
static int host_count = 0;
static Load load;
static uint32_t round_trip_us[MAX_ROUND_TRIPS];

/* ---- small helpers ---- */

static uint64_t now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static uint64_t cpu_us(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000u + (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void say(const char *format, ...) {
  va_list args;
  va_start(args, format);
  vprintf(format, args);
  va_end(args);
  putchar('\n');
  fflush(stdout);
}

static uint32_t next_random(uint32_t *state) {
  uint32_t x = *state;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return *state = x;
}

static uint32_t start_random(uint32_t seed) {
  uint32_t x = seed * 0x9E3779B1u + 0x7F4A7C15u;
  return x == 0 ? 1 : x;
}

static void fill_pattern(uint8_t *to, size_t length, uint32_t seed) {
  uint32_t state = start_random(seed), word = 0;
  for (size_t i = 0; i < length; i++) {
    if ((i & 3) == 0) word = next_random(&state);
    to[i] = (uint8_t)(word >> (8 * (i & 3)));
  }
}

static int has_pattern(const uint8_t *bytes, size_t length, uint32_t seed) {
  uint32_t state = start_random(seed), word = 0;
  for (size_t i = 0; i < length; i++) {
    if ((i & 3) == 0) word = next_random(&state);
    if (bytes[i] != (uint8_t)(word >> (8 * (i & 3)))) return 0;
  }
  return 1;
}

static uint32_t hash_bytes(uint32_t hash, const uint8_t *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) hash = (hash ^ bytes[i]) * 16777619u;
  return hash;
}

#define HASH_START 2166136261u

static void put32(uint8_t *to, uint32_t value) {
  to[0] = (uint8_t)(value >> 24);
  to[1] = (uint8_t)(value >> 16);
  to[2] = (uint8_t)(value >> 8);
  to[3] = (uint8_t)value;
}

static uint32_t get32(const uint8_t *from) {
  return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | (uint32_t)from[3];
}

static int send_packet(ENetPeer *peer, uint32_t channel, const uint8_t *bytes, size_t length, uint32_t flags) {
  ENetPacket *packet = enet_packet_create(bytes, length, flags);
  if (packet == NULL) return -1;
  int result = enet_peer_send(peer, (enet_uint8)channel, packet);
  if (result < 0 || packet->referenceCount == 0) enet_packet_destroy(packet);
  return result;
}

/* ---- random traffic ---- */

/* How a packet with these flags and this length travels, as the flags of the received packet (spec 5.1 and 3.4). */
static uint32_t travel_kind(uint32_t flags, size_t length, size_t fragment_size) {
  if (length > fragment_size) return (flags & 9) == 8 ? 8 : 1;
  if ((flags & 3) == 2) return 2;
  return flags & 1;
}

static int kind_index(uint32_t kind) { return kind == 8 ? 3 : (int)kind; }

static uint32_t body_seed(uint32_t seed, uint32_t channel, uint32_t serial) {
  return seed ^ (channel << 24) ^ (serial * 0x85EBCA6Bu);
}

static uint32_t random_size(Traffic *t, uint32_t flags) {
  uint32_t dice = next_random(&t->random_state) % 100, r = next_random(&t->random_state);
  if (dice < 6 && t->min_size < HEADER_SIZE) {
    if (flags & 1) return t->min_size + r % (HEADER_SIZE - t->min_size);
    if (t->min_size == 0) return 0;
  }
  if (dice < 60) return HEADER_SIZE + r % 280;
  if (dice < 85) return 300 + r % 1200;
  if (dice < 98 || t->max_size <= 8000) return 1500 + r % 6500;
  return 8000 + r % (t->max_size - 8000 + 1);
}

static void account_sent(SendChannel *c, uint32_t kind, const uint8_t *bytes, uint32_t length) {
  c->sent[kind_index(kind)]++;
  if (kind != 1) return;
  uint8_t prefix[4];
  put32(prefix, length);
  c->reliable_hash = hash_bytes(hash_bytes(c->reliable_hash, prefix, 4), bytes, length);
}

static void write_header(uint8_t *to, uint8_t magic, uint32_t kind, uint32_t channel, uint32_t flags, uint32_t serial,
                         uint32_t length, uint32_t seed) {
  to[0] = magic;
  to[1] = (uint8_t)kind;
  to[2] = (uint8_t)channel;
  to[3] = (uint8_t)flags;
  put32(to + 4, serial);
  put32(to + 8, length);
  put32(to + 12, seed);
  put32(to + 16, hash_bytes(HASH_START, to, 16));
}

static size_t fragment_size_of(const Slot *slot, const ENetPeer *peer) {
  return peer->mtu - 28 - (slot->host->checksum != NULL ? 4 : 0);
}

static void send_random(const Slot *slot, ENetPeer *peer, Traffic *t) {
  static uint8_t bytes[1 << 20];
  static const uint8_t all_flags[8] = {0, 1, 2, 3, 8, 9, 10, 11};
  uint32_t channel = next_random(&t->random_state) % t->channel_count;
  uint32_t flags = all_flags[next_random(&t->random_state) & 7];
  uint32_t length = random_size(t, flags);
  SendChannel *c = &t->out[channel];
  uint32_t serial = c->next_serial, seed = body_seed(t->seed, channel, serial);
  uint32_t kind = travel_kind(flags, length, fragment_size_of(slot, peer));
  if (serial >= MAX_SERIALS) return;
  if (length >= HEADER_SIZE) {
    write_header(bytes, DATA_MAGIC, kind, channel, flags, serial, length, t->seed);
    fill_pattern(bytes + HEADER_SIZE, length - HEADER_SIZE, seed);
    if (t->corrupt_next) {
      bytes[length - 1] ^= 1;
      t->corrupt_next = 0;
    }
  } else {
    fill_pattern(bytes, length, seed);
  }
  if (send_packet(peer, channel, bytes, length, flags) < 0) return;
  c->next_serial++;
  account_sent(c, kind, bytes, length);
}

static void send_ends(ENetPeer *peer, Traffic *t) {
  for (uint32_t channel = 0; channel < t->channel_count; channel++) {
    SendChannel *c = &t->out[channel];
    uint8_t bytes[END_SIZE];
    write_header(bytes, END_MAGIC, 1, channel, 1, c->next_serial, END_SIZE, t->seed);
    for (int k = 0; k < 4; k++) put32(bytes + HEADER_SIZE + 4 * k, c->sent[k]);
    put32(bytes + HEADER_SIZE + 16, c->reliable_hash);
    send_packet(peer, channel, bytes, END_SIZE, 1);
  }
}

static void violation(int host, const ENetPeer *peer, Traffic *t, const char *what, uint32_t channel, uint32_t serial,
                      size_t length, uint32_t flags) {
  if (++t->violations <= 20) {
    say("{\"ev\":\"violation\",\"host\":%d,\"peer\":%d,\"what\":\"%s\",\"channel\":%u,\"serial\":%u,\"length\":%zu,\"flags\":%u}",
        host, (int)peer->incomingPeerID, what, channel, serial, length, flags);
  }
}

static void report_traffic(int host, const ENetPeer *peer, Traffic *t) {
  uint32_t received[4] = {0}, announced[4] = {0}, empty[2] = {0}, hash = HASH_START;
  for (uint32_t i = 0; i < t->channel_count; i++) {
    if (!t->in[i].has_ended) return;
    for (int k = 0; k < 4; k++) {
      received[k] += t->in[i].received[k];
      announced[k] += t->in[i].announced[k];
    }
    for (int k = 0; k < 2; k++) empty[k] += t->in[i].empty_unreliable[k];
    hash = (hash ^ t->in[i].reliable_hash) * 16777619u;
  }
  if (t->has_reported) return;
  t->has_reported = 1;
  say("{\"ev\":\"traffic\",\"host\":%d,\"peer\":%d,\"violations\":%u,\"received\":[%u,%u,%u,%u],\"announced\":[%u,%u,%u,%u],\"empty\":[%u,%u],\"hash\":%u}",
      host, (int)peer->incomingPeerID, t->violations, received[0], received[1], received[2], received[3], announced[0],
      announced[1], announced[2], announced[3], empty[0], empty[1], hash);
}

static void check_packet(int host, const ENetPeer *peer, Traffic *t, uint32_t channel, const uint8_t *bytes, size_t length,
                         uint32_t flags) {
  if (channel >= t->channel_count) {
    violation(host, peer, t, "channel", channel, 0, length, flags);
    return;
  }
  ReceiveChannel *c = &t->in[channel];
  if (length < HEADER_SIZE) {
    if (flags == 1) {
      uint8_t prefix[4];
      put32(prefix, (uint32_t)length);
      c->received[1]++;
      c->reliable_hash = hash_bytes(hash_bytes(c->reliable_hash, prefix, 4), bytes, length);
    } else if (length == 0 && (flags == 0 || flags == 2)) {
      c->received[flags]++;
      c->empty_unreliable[flags / 2]++;
    } else {
      violation(host, peer, t, "short", channel, 0, length, flags);
    }
    return;
  }
  uint32_t serial = get32(bytes + 4), seed = get32(bytes + 12);
  if (hash_bytes(HASH_START, bytes, 16) != get32(bytes + 16) || (bytes[0] != DATA_MAGIC && bytes[0] != END_MAGIC) ||
      bytes[2] != channel || get32(bytes + 8) != length || serial >= MAX_SERIALS) {
    violation(host, peer, t, "header", channel, serial, length, flags);
    return;
  }
  if (bytes[1] != flags) violation(host, peer, t, "kind", channel, serial, length, flags);
  if (flags == 2) {
    if (c->seen[serial >> 3] >> (serial & 7) & 1) violation(host, peer, t, "twice", channel, serial, length, flags);
    c->seen[serial >> 3] |= (uint8_t)(1 << (serial & 7));
  } else {
    if (serial < c->next_serial) violation(host, peer, t, "order", channel, serial, length, flags);
    c->next_serial = serial + 1;
  }
  if (bytes[0] == END_MAGIC) {
    for (int k = 0; k < 4; k++) c->announced[k] = get32(bytes + HEADER_SIZE + 4 * k);
    if (c->received[1] != c->announced[1]) violation(host, peer, t, "count", channel, serial, length, flags);
    if (c->reliable_hash != get32(bytes + HEADER_SIZE + 16)) violation(host, peer, t, "hash", channel, serial, length, flags);
    c->has_ended = 1;
    report_traffic(host, peer, t);
    return;
  }
  if (!has_pattern(bytes + HEADER_SIZE, length - HEADER_SIZE, body_seed(seed, channel, serial))) {
    violation(host, peer, t, "body", channel, serial, length, flags);
  }
  c->received[kind_index(flags)]++;
  if (flags == 1) {
    uint8_t prefix[4];
    put32(prefix, (uint32_t)length);
    c->reliable_hash = hash_bytes(hash_bytes(c->reliable_hash, prefix, 4), bytes, length);
  }
}

static Traffic *traffic_of(Slot *slot, const ENetPeer *peer) {
  Traffic **t = &slot->traffic[peer->incomingPeerID];
  if (*t == NULL) {
    *t = calloc(1, sizeof **t);
    if (*t == NULL) abort();
    for (int i = 0; i < MAX_CHANNELS; i++) (*t)->out[i].reliable_hash = (*t)->in[i].reliable_hash = HASH_START;
  }
  return *t;
}

static void run_traffic(Slot *slot, uint64_t now) {
  for (size_t i = 0; i < slot->host->peerCount; i++) {
    Traffic *t = slot->traffic[i];
    ENetPeer *peer = &slot->host->peers[i];
    if (t == NULL || !t->is_sending || peer->state != ENET_PEER_STATE_CONNECTED) continue;
    while (t->next_us <= now && t->next_us < t->end_us) {
      send_random(slot, peer, t);
      t->next_us += 1000000u / t->rate;
    }
    if (t->next_us >= t->end_us) {
      t->is_sending = 0;
      send_ends(peer, t);
    }
    slot->is_due = 1;
  }
}

/* ---- events ---- */

static void stamp(uint8_t *bytes, size_t length) {
  uint64_t now = now_us();
  if (length >= sizeof now) memcpy(bytes, &now, sizeof now);
}

static void count_round_trip(const uint8_t *bytes, size_t length) {
  uint64_t sent_us;
  if (length >= sizeof sent_us && load.round_trips < MAX_ROUND_TRIPS) {
    memcpy(&sent_us, bytes, sizeof sent_us);
    round_trip_us[load.round_trips] = (uint32_t)(now_us() - sent_us);
  }
  load.round_trips++;
}

static int compare_us(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

static void on_receive(int h, ENetEvent *e) {
  Slot *slot = &slots[h];
  Traffic *t = slot->traffic[e->peer->incomingPeerID];
  uint32_t flags = e->packet->flags & 11u;
  if (load.is_running) {
    if (now_us() < load.end_us) {
      count_round_trip(e->packet->data, e->packet->dataLength);
      stamp(e->packet->data, e->packet->dataLength);
      if (load.rate == 0 && enet_peer_send(e->peer, e->channelID, e->packet) == 0) return;
    }
  } else if (slot->is_echoing) {
    if (enet_peer_send(e->peer, e->channelID, e->packet) == 0) return;
  } else if (t != NULL && t->is_expecting) {
    check_packet(h, e->peer, t, e->channelID, e->packet->data, e->packet->dataLength, flags);
  } else if (slot->is_collecting) {
    slot->collected++;
    slot->collected_reliable += flags & 1;
    slot->collected_hash = hash_bytes(slot->collected_hash, e->packet->data, e->packet->dataLength);
  } else {
    say("{\"ev\":\"receive\",\"host\":%d,\"peer\":%d,\"channel\":%d,\"length\":%zu,\"flags\":%u,\"hash\":%u}", h,
        (int)e->peer->incomingPeerID, (int)e->channelID, e->packet->dataLength, flags,
        hash_bytes(HASH_START, e->packet->data, e->packet->dataLength));
  }
  if (e->packet->referenceCount == 0) enet_packet_destroy(e->packet);
}

static void service(int h) {
  Slot *slot = &slots[h];
  ENetEvent e;
  int result;
  slot->is_due = 0;
  while ((result = enet_host_service(slot->host, &e, 0)) > 0) {
    int p = (int)e.peer->incomingPeerID;
    if (e.type == ENET_EVENT_TYPE_CONNECT) {
      say("{\"ev\":\"connect\",\"host\":%d,\"peer\":%d,\"data\":%u,\"channels\":%zu,\"mtu\":%u}", h, p, e.data,
          e.peer->channelCount, e.peer->mtu);
    } else if (e.type == ENET_EVENT_TYPE_DISCONNECT) {
      free(slot->traffic[p]);
      slot->traffic[p] = NULL;
      say("{\"ev\":\"disconnect\",\"host\":%d,\"peer\":%d,\"data\":%u}", h, p, e.data);
    } else if (e.type == ENET_EVENT_TYPE_RECEIVE) {
      on_receive(h, &e);
    }
  }
  if (result < 0) say("{\"ev\":\"error\",\"host\":%d,\"what\":\"service failed\"}", h);
}

static void run_paced_load(uint64_t now) {
  if (!load.is_running || load.rate == 0) return;
  for (int h = 0; h < host_count; h++) {
    ENetPeer *peer = &slots[h].host->peers[0];
    while (load.next_us[h] <= now && load.next_us[h] < load.end_us) {
      stamp(load.bytes, load.size);
      if (peer->state == ENET_PEER_STATE_CONNECTED) send_packet(peer, load.channel, load.bytes, load.size, load.flags);
      load.next_us[h] += 1000000u / load.rate;
      slots[h].is_due = 1;
    }
  }
}

static void finish_load(uint64_t now) {
  /* What is still under way when the time is up is taken in silently: neither counted nor sent again. */
  if (!load.is_running || now < load.end_us + 100000u) return;
  load.is_running = 0;
  uint32_t timed = load.size < 8 ? 0 : load.round_trips < MAX_ROUND_TRIPS ? load.round_trips : MAX_ROUND_TRIPS;
  qsort(round_trip_us, timed, sizeof *round_trip_us, compare_us);
  say("{\"ev\":\"load\",\"roundTrips\":%u,\"us\":%llu,\"cpuUs\":%llu,\"p50Us\":%u,\"p99Us\":%u}", load.round_trips,
      (unsigned long long)(load.end_us - load.start_us), (unsigned long long)(cpu_us() - load.cpu_us),
      timed == 0 ? 0 : round_trip_us[timed / 2], timed == 0 ? 0 : round_trip_us[timed - 1 - timed / 100]);
}

/* ---- commands ---- */

static const char *line;

/* The value of "key=" in the line that is executed, or the fallback. */
static uint32_t arg(const char *key, uint32_t fallback) {
  size_t length = strlen(key);
  for (const char *p = line; (p = strchr(p, ' ')) != NULL;) {
    p++;
    if (strncmp(p, key, length) == 0 && p[length] == '=') return (uint32_t)strtoul(p + length + 1, NULL, 10);
  }
  return fallback;
}

static const char *create_hosts(unsigned id) {
  uint32_t count = arg("count", 1), first = (uint32_t)host_count;
  if (first + count > MAX_HOSTS) return "too many hosts";
  for (uint32_t i = 0; i < count; i++) {
    ENetAddress address = {ENET_HOST_ANY, 0};
    enet_address_set_host_ip(&address, "127.0.0.1");
    ENetHost *host = enet_host_create(arg("bind", 0) ? &address : NULL, arg("peers", 1), arg("channels", 0), arg("in", 0), arg("out", 0));
    if (host == NULL) return "enet_host_create failed";
    if (arg("mtu", 0) != 0) {
      host->mtu = arg("mtu", 0);
      for (size_t p = 0; p < host->peerCount; p++) host->peers[p].mtu = host->mtu; /* 1.3.17 reads it at reset only */
    }
    if (arg("checksum", 0)) host->checksum = enet_crc32;
    if (arg("range", 0) && enet_host_compress_with_range_coder(host) != 0) return "range coder failed";
    host->duplicatePeers = arg("dup", (uint32_t)host->duplicatePeers);
    Slot *slot = &slots[host_count++];
    slot->host = host;
    slot->traffic = calloc(host->peerCount, sizeof(Traffic *));
    if (slot->traffic == NULL) return "out of memory";
  }
  say("{\"re\":%u,\"host\":%u,\"port\":%u}", id, first, (unsigned)slots[first].host->address.port);
  return NULL;
}

static const char *connect_hosts(unsigned id) {
  uint32_t first = arg("host", 0), count = arg("count", 1);
  int slot = -1;
  for (uint32_t h = first; h < first + count; h++) {
    ENetAddress address = {0, (enet_uint16)arg("port", 0)};
    enet_address_set_host_ip(&address, "127.0.0.1");
    if (h >= (uint32_t)host_count) return "no such host";
    ENetPeer *peer = enet_host_connect(slots[h].host, &address, arg("channels", 2), arg("data", 0));
    if (peer == NULL) return "enet_host_connect failed";
    if (h == first) slot = (int)peer->incomingPeerID;
    if (arg("max", 0) != 0) enet_peer_timeout(peer, arg("limit", 0), arg("min", 0), arg("max", 0));
  }
  say("{\"re\":%u,\"peer\":%d}", id, slot);
  return NULL;
}

static const char *start_load(unsigned id) {
  uint32_t inflight = arg("inflight", 1), connections = 0;
  load.size = arg("size", 32);
  load.channel = arg("channel", 0);
  load.flags = arg("flags", 1);
  load.round_trips = 0;
  load.start_us = now_us();
  load.end_us = load.start_us + 1000u * (uint64_t)arg("ms", 1000);
  load.cpu_us = cpu_us();
  load.is_running = 1;
  load.rate = arg("rate", 0);
  free(load.bytes);
  load.bytes = malloc(load.size + 1);
  if (load.bytes == NULL) return "out of memory";
  fill_pattern(load.bytes, load.size, 1);
  for (int h = 0; h < host_count; h++) {
    /* The hosts of a paced load take turns. */
    if (load.rate != 0) load.next_us[h] = load.start_us + 1000000u * (uint64_t)h / load.rate / (uint64_t)host_count;
    for (size_t p = 0; p < slots[h].host->peerCount; p++) {
      ENetPeer *peer = &slots[h].host->peers[p];
      if (peer->state != ENET_PEER_STATE_CONNECTED) continue;
      connections++;
      stamp(load.bytes, load.size);
      for (uint32_t i = 0; i < inflight && load.rate == 0; i++) send_packet(peer, load.channel, load.bytes, load.size, load.flags);
    }
  }
  say("{\"re\":%u,\"connections\":%u}", id, connections);
  return NULL;
}

static const char *host_command(unsigned id, const char *verb, Slot *slot) {
  ENetHost *host = slot->host;
  if (strcmp(verb, "echo") == 0) {
    slot->is_echoing = (int)arg("on", 1);
  } else if (strcmp(verb, "collect") == 0) {
    slot->is_collecting = 1;
    slot->collected = slot->collected_reliable = 0;
    slot->collected_hash = HASH_START;
  } else if (strcmp(verb, "collected") == 0) {
    say("{\"re\":%u,\"count\":%u,\"reliable\":%u,\"hash\":%u}", id, slot->collected, slot->collected_reliable,
        slot->collected_hash);
    return NULL;
  } else if (strcmp(verb, "freeze") == 0) {
    slot->is_frozen = (int)arg("on", 1);
  } else if (strcmp(verb, "flush") == 0) {
    enet_host_flush(host);
  } else if (strcmp(verb, "bandwidth") == 0) {
    enet_host_bandwidth_limit(host, arg("in", 0), arg("out", 0));
  } else if (strcmp(verb, "channelLimit") == 0) {
    enet_host_channel_limit(host, arg("limit", 0));
  } else if (strcmp(verb, "broadcast") == 0) {
    uint8_t *bytes = calloc(arg("size", 0) + 1, 1);
    if (bytes == NULL) return "out of memory";
    /* Without a seed zeros: benches count the CPU time. */
    if (arg("seed", 0) != 0) fill_pattern(bytes, arg("size", 0), arg("seed", 0));
    ENetPacket *packet = enet_packet_create(bytes, arg("size", 0), arg("flags", 0));
    free(bytes);
    if (packet == NULL) return "out of memory";
    enet_host_broadcast(host, (enet_uint8)arg("channel", 0), packet);
  } else if (strcmp(verb, "stats") == 0) {
    say("{\"re\":%u,\"sentBytes\":%u,\"sentPackets\":%u,\"receivedBytes\":%u,\"receivedPackets\":%u,\"connectedPeers\":%zu}", id,
        host->totalSentData, host->totalSentPackets, host->totalReceivedData, host->totalReceivedPackets, host->connectedPeers);
    return NULL;
  } else {
    return "unknown verb";
  }
  say("{\"re\":%u}", id);
  return NULL;
}

static const char *send_packets(unsigned id, ENetPeer *peer) {
  uint32_t size = arg("size", 0), rejected = 0;
  uint8_t *bytes = malloc(size + 1);
  if (bytes == NULL) return "out of memory";
  for (uint32_t i = 0; i < arg("count", 1); i++) {
    fill_pattern(bytes, size, arg("seed", 0) + i);
    if (send_packet(peer, arg("channel", 0), bytes, size, arg("flags", 0)) < 0) rejected++;
  }
  free(bytes);
  say("{\"re\":%u,\"rejected\":%u}", id, rejected);
  return NULL;
}

static const char *start_traffic(Slot *slot, ENetPeer *peer, int is_sending) {
  Traffic *t = traffic_of(slot, peer);
  t->channel_count = arg("channels", 1);
  if (t->channel_count < 1 || t->channel_count > MAX_CHANNELS || t->channel_count > peer->channelCount) return "bad channel count";
  if (!is_sending) {
    t->is_expecting = 1;
    return NULL;
  }
  t->seed = arg("seed", 1);
  t->random_state = start_random(t->seed);
  t->min_size = arg("minSize", 0);
  t->max_size = arg("maxSize", 60000);
  t->rate = arg("rate", 200);
  t->corrupt_next = arg("corrupt", 0);
  if (t->rate == 0 || t->max_size > 1 << 20) return "bad rate or size";
  t->next_us = now_us();
  t->end_us = t->next_us + 1000u * (uint64_t)arg("ms", 1000);
  t->is_sending = 1;
  return NULL;
}

static const char *peer_command(unsigned id, const char *verb, Slot *slot, ENetPeer *peer) {
  const char *error = NULL;
  if (strcmp(verb, "send") == 0) return send_packets(id, peer);
  if (strcmp(verb, "info") == 0) {
    say("{\"re\":%u,\"state\":%d,\"rtt\":%u,\"rttVariance\":%u,\"packetLoss\":%u,\"throttle\":%u,\"throttleLimit\":%u,"
        "\"throttleInterval\":%u,\"throttleAcceleration\":%u,\"throttleDeceleration\":%u,\"mtu\":%u,\"windowSize\":%u,"
        "\"channels\":%zu,\"remoteIn\":%u,\"remoteOut\":%u}",
        id, (int)peer->state, peer->roundTripTime, peer->roundTripTimeVariance, peer->packetLoss, peer->packetThrottle,
        peer->packetThrottleLimit, peer->packetThrottleInterval, peer->packetThrottleAcceleration,
        peer->packetThrottleDeceleration, peer->mtu, peer->windowSize, peer->channelCount, peer->incomingBandwidth,
        peer->outgoingBandwidth);
    return NULL;
  }
  if (strcmp(verb, "disconnect") == 0) {
    enet_peer_disconnect(peer, arg("data", 0));
  } else if (strcmp(verb, "disconnectNow") == 0) {
    enet_peer_disconnect_now(peer, arg("data", 0));
  } else if (strcmp(verb, "disconnectLater") == 0) {
    enet_peer_disconnect_later(peer, arg("data", 0));
  } else if (strcmp(verb, "reset") == 0) {
    enet_peer_reset(peer);
  } else if (strcmp(verb, "ping") == 0) {
    enet_peer_ping(peer);
  } else if (strcmp(verb, "pingInterval") == 0) {
    enet_peer_ping_interval(peer, arg("ms", 0));
  } else if (strcmp(verb, "timeout") == 0) {
    enet_peer_timeout(peer, arg("limit", 0), arg("min", 0), arg("max", 0));
  } else if (strcmp(verb, "throttle") == 0) {
    enet_peer_throttle_configure(peer, arg("interval", 0), arg("acceleration", 0), arg("deceleration", 0));
  } else if (strcmp(verb, "expect") == 0) {
    error = start_traffic(slot, peer, 0);
  } else if (strcmp(verb, "traffic") == 0) {
    error = start_traffic(slot, peer, 1);
  } else {
    return "unknown verb";
  }
  if (error == NULL) say("{\"re\":%u}", id);
  return error;
}

static void execute(const char *text) {
  static const char *const host_verbs[] = {"echo", "collect", "collected", "freeze", "flush", "bandwidth", "channelLimit", "broadcast", "stats"};
  unsigned id = 0;
  char verb[32] = "";
  const char *error = NULL;
  line = text;
  if (sscanf(text, "%u %31s", &id, verb) != 2) {
    say("{\"ev\":\"error\",\"host\":0,\"what\":\"bad line\"}");
    return;
  }
  uint32_t h = arg("host", 0), p = arg("peer", 0);
  if (strcmp(verb, "quit") == 0) exit(0);
  if (strcmp(verb, "cpu") == 0) {
    say("{\"re\":%u,\"cpuUs\":%llu}", id, (unsigned long long)cpu_us());
  } else if (strcmp(verb, "host") == 0) {
    error = create_hosts(id);
  } else if (strcmp(verb, "connect") == 0) {
    error = connect_hosts(id);
  } else if (strcmp(verb, "load") == 0) {
    error = start_load(id);
  } else if (h >= (uint32_t)host_count) {
    error = "no such host";
  } else {
    int is_host_verb = 0;
    for (size_t i = 0; i < sizeof host_verbs / sizeof *host_verbs; i++) is_host_verb |= strcmp(verb, host_verbs[i]) == 0;
    if (is_host_verb) error = host_command(id, verb, &slots[h]);
    else if (p >= slots[h].host->peerCount) error = "no such peer";
    else error = peer_command(id, verb, &slots[h], &slots[h].host->peers[p]);
  }
  if (error != NULL) say("{\"re\":%u,\"error\":\"%s\"}", id, error);
  for (int i = 0; i < host_count; i++) slots[i].is_due = 1;
}

/* Runs the complete lines that arrived. Answers 0 at the end of the input. */
static int read_commands(void) {
  static char buffer[65536];
  static size_t length = 0;
  ssize_t got = read(STDIN_FILENO, buffer + length, sizeof buffer - 1 - length);
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return 0;
  if (got > 0) length += (size_t)got;
  size_t start = 0;
  for (size_t i = 0; i < length; i++) {
    if (buffer[i] != '\n') continue;
    buffer[i] = 0;
    execute(buffer + start);
    start = i + 1;
  }
  length -= start;
  memmove(buffer, buffer + start, length);
  return length < sizeof buffer - 1;
}

int main(int argc, char **argv) {
  static struct pollfd fds[1 + MAX_HOSTS];
  ENetVersion v = enet_linked_version();
  uint64_t next_tick = 0;
  alarm(argc > 1 ? (unsigned)atoi(argv[1]) : 60);
  if (enet_initialize() != 0) return 1;
  fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
  say("{\"ev\":\"ready\",\"version\":\"%d.%d.%d\"}", ENET_VERSION_GET_MAJOR(v), ENET_VERSION_GET_MINOR(v), ENET_VERSION_GET_PATCH(v));
  for (;;) {
    uint64_t now = now_us();
    int is_tick = now >= next_tick;
    run_paced_load(now);
    if (is_tick) next_tick = now + TICK_MS * 1000u;
    for (int i = 0; i < host_count; i++) {
      Slot *slot = &slots[i];
      int is_readable = (fds[1 + i].revents & POLLIN) != 0 && fds[1 + i].fd == slot->host->socket;
      if (slot->is_frozen) continue;
      if (is_tick) run_traffic(slot, now);
      if (is_tick || is_readable || slot->is_due) service(i);
    }
    finish_load(now);
    fds[0] = (struct pollfd){STDIN_FILENO, POLLIN, 0};
    for (int i = 0; i < host_count; i++) {
      fds[1 + i] = (struct pollfd){slots[i].is_frozen ? -1 : slots[i].host->socket, POLLIN, 0};
    }
    if (poll(fds, (nfds_t)(1 + host_count), load.is_running ? 1 : host_count > 0 ? TICK_MS : 1000) > 0 && fds[0].revents != 0) {
      if (!read_commands()) return 0;
    }
  }
}
