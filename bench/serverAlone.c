/*
 * A server of libenet without a network: what bench/serverAlone.ts measures of ours, done by the C library. The calls of
 * libenet for sockets and the time are answered here, so what is left is libenet's own work.
 *
 *   serverAlone KIND PEERS SECONDS    KIND: unsequenced, reliable, echo, idle
 *
 * Prints one line of JSON: microseconds of CPU per packet (idle: per call of enet_host_service), medians of blocks, and the
 * sizes of what the library holds for a peer.
 */
#include <enet/enet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PACKET_BYTES 32
#define ECHO_PACKETS 4
#define MAX_DATAGRAMS 65536
#define BLOCK_US 40000
/* Everybody's address: 127.0.0.1:1000. */
#define HOST 0x0100007f
#define PORT 1000

typedef struct {
  size_t length;
  enet_uint8 bytes[576];
} Datagram;

typedef struct {
  size_t first, count;
  Datagram *all;
} Wire;

static enet_uint32 now_ms = 1000;
static Wire to_server, to_clients;
static ENetHost *server, *clients;
/* What the clients' datagrams begin with. */
static enet_uint16 *words;
/* Echo: the number that the next packet of each client has. */
static enet_uint16 *numbers;

enet_uint32 enet_time_get(void) { return now_ms; }

static void push(Wire *wire, const void *bytes, size_t length) {
  if (wire->count == MAX_DATAGRAMS || length > sizeof wire->all[0].bytes) {
    fputs("too much on the wire\n", stderr);
    exit(1);
  }
  Datagram *datagram = &wire->all[(wire->first + wire->count++) % MAX_DATAGRAMS];
  memcpy(datagram->bytes, bytes, length);
  datagram->length = length;
}

static Datagram *shift(Wire *wire) {
  if (wire->count == 0) return NULL;
  Datagram *datagram = &wire->all[wire->first];
  wire->first = (wire->first + 1) % MAX_DATAGRAMS;
  wire->count--;
  return datagram;
}

int enet_socket_send(ENetSocket socket, const ENetAddress *address, const ENetBuffer *buffers, size_t count) {
  enet_uint8 bytes[4096];
  size_t length = 0;
  (void)address;
  for (size_t i = 0; i < count; i++) {
    memcpy(bytes + length, buffers[i].data, buffers[i].dataLength);
    length += buffers[i].dataLength;
  }
  push(socket == server->socket ? &to_clients : &to_server, bytes, length);
  return (int)length;
}

int enet_socket_receive(ENetSocket socket, ENetAddress *address, ENetBuffer *buffers, size_t count) {
  Datagram *datagram = shift(socket == server->socket ? &to_server : &to_clients);
  (void)count;
  if (datagram == NULL) return 0;
  memcpy(buffers[0].data, datagram->bytes, datagram->length);
  address->host = HOST;
  address->port = PORT;
  return (int)datagram->length;
}

static double cpu_us(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static void put_u16(enet_uint8 *at, unsigned value) {
  at[0] = (enet_uint8)(value >> 8);
  at[1] = (enet_uint8)value;
}

/* Answers every command that wants it, as the clients would; for an echo with as many packets as before. */
static void answer(int is_echo) {
  size_t of_server = to_clients.count;
  while (of_server-- > 0) {
    Datagram *sent = shift(&to_clients);
    unsigned word = sent->bytes[0] << 8 | sent->bytes[1];
    if (!(word & 0x8000)) continue;
    unsigned peer = word & 0xfff;
    enet_uint8 out[576];
    size_t at = 4, length = 2;
    unsigned echoed = 0;
    if (is_echo) length = 4;
    while (at < sent->length) {
      const enet_uint8 *command = sent->bytes + at;
      if (command[0] & 0x80) {
        enet_uint8 *ack = out + length;
        ack[0] = 1;
        ack[1] = command[1];
        memcpy(ack + 2, command + 2, 2);
        memcpy(ack + 4, command + 2, 2);
        memcpy(ack + 6, sent->bytes + 2, 2);
        length += 8;
      }
      switch (command[0] & 0xf) {
        case 1: at += 8; break;
        case 5: at += 4; break;
        case 6: at += 6 + (command[4] << 8 | command[5]); echoed++; break;
        case 9: at += 8 + (command[6] << 8 | command[7]); break;
        case 10: at += 12; break;
        default: fprintf(stderr, "command %d\n", command[0] & 0xf); exit(1);
      }
    }
    if (is_echo) {
      put_u16(out + 2, now_ms & 0xffff);
      for (; echoed > 0; echoed--) {
        enet_uint8 *packet = out + length;
        packet[0] = 0x86;
        packet[1] = 0;
        put_u16(packet + 2, numbers[peer]++);
        put_u16(packet + 4, PACKET_BYTES);
        memset(packet + 6, 7, PACKET_BYTES);
        length += 6 + PACKET_BYTES;
      }
    }
    put_u16(out, words[peer] | (is_echo ? 0x8000 : 0));
    push(&to_server, out, length);
  }
}

/* Services the server until nothing is left; every packet goes back when it is an echo. */
static size_t service(void) {
  ENetEvent event;
  size_t packets = 0;
  /* After 256 datagrams it says that there is no event. */
  while (enet_host_service(server, &event, 0) > 0 || to_server.count > 0) {
    if (event.type != ENET_EVENT_TYPE_RECEIVE) continue;
    packets++;
    if (enet_peer_send(event.peer, event.channelID, event.packet) < 0) exit(1);
  }
  return packets;
}

static int by_size(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return left < right ? -1 : left > right;
}

int main(int argc, char **argv) {
  const char *kind = argc > 1 ? argv[1] : "";
  size_t peers = argc > 2 ? (size_t)atoi(argv[2]) : 0;
  double seconds = argc > 3 ? atof(argv[3]) : 0;
  ENetAddress address = {.host = HOST, .port = PORT};
  ENetEvent event;
  if (peers == 0 || seconds <= 0 || enet_initialize() != 0) return 1;
  to_server.all = calloc(MAX_DATAGRAMS, sizeof(Datagram));
  to_clients.all = calloc(MAX_DATAGRAMS, sizeof(Datagram));
  words = calloc(4096, sizeof *words);
  numbers = calloc(4096, sizeof *numbers);
  server = enet_host_create(NULL, peers, 1, 0, 0);
  clients = enet_host_create(NULL, peers, 1, 0, 0);
  for (size_t i = 0; i < peers; i++) {
    if (enet_host_connect(clients, &address, 1, 0) == NULL) return 1;
  }
  while (server->connectedPeers < peers || clients->connectedPeers < peers) {
    now_ms++;
    while (enet_host_service(clients, &event, 0) > 0);
    while (enet_host_service(server, &event, 0) > 0);
  }
  for (int i = 0; i < 10; i++) {
    now_ms += 100;
    while (enet_host_service(clients, &event, 0) > 0);
    while (enet_host_service(server, &event, 0) > 0);
  }
  for (size_t i = 0; i < peers; i++) {
    ENetPeer *peer = &clients->peers[i];
    words[peer->incomingPeerID] = (enet_uint16)(peer->outgoingPeerID | (peer->outgoingSessionID & 3) << 12);
    numbers[peer->incomingPeerID] = 1;
  }
  to_server.count = to_clients.count = 0;

  int is_echo = strcmp(kind, "echo") == 0, is_idle = strcmp(kind, "idle") == 0;
  enet_uint32 flags = strcmp(kind, "reliable") == 0 ? ENET_PACKET_FLAG_RELIABLE : ENET_PACKET_FLAG_UNSEQUENCED;
  if (is_echo) {
    for (size_t peer = 0; peer < peers; peer++) {
      enet_uint8 out[4 + ECHO_PACKETS * (6 + PACKET_BYTES)];
      size_t length = 4;
      put_u16(out, words[peer] | 0x8000);
      put_u16(out + 2, now_ms & 0xffff);
      for (int i = 0; i < ECHO_PACKETS; i++) {
        put_u16(out + length, 0x8600);
        put_u16(out + length + 2, numbers[peer]++);
        put_u16(out + length + 4, PACKET_BYTES);
        memset(out + length + 6, 7, PACKET_BYTES);
        length += 6 + PACKET_BYTES;
      }
      push(&to_server, out, length);
    }
  }
  static double blocks[100000];
  static const enet_uint8 payload[PACKET_BYTES];
  size_t block = 0, packets = 0;
  double used = 0, total = 0;
  while (total < seconds * 1e6) {
    double start = cpu_us();
    if (is_idle) {
      for (int i = 0; i < 100; i++) service();
      packets += 100;
    } else if (is_echo) {
      packets += service();
    } else {
      enet_host_broadcast(server, 0, enet_packet_create(payload, PACKET_BYTES, flags));
      enet_host_flush(server);
      packets += peers;
    }
    used += cpu_us() - start;
    answer(is_echo);
    now_ms += is_echo ? 2 : is_idle ? 0 : 25;
    if (!is_echo && !is_idle) {
      start = cpu_us();
      service();
      used += cpu_us() - start;
      answer(0);
      now_ms += 25;
    }
    if (used >= BLOCK_US) {
      if (block < sizeof blocks / sizeof *blocks) blocks[block++] = used / packets;
      total += used;
      used = packets = 0;
    }
  }
  qsort(blocks, block, sizeof *blocks, by_size);
  printf("{\"us\":%.4f,\"peerBytes\":%zu,\"channelBytes\":%zu}\n", blocks[block / 2], sizeof(ENetPeer), sizeof(ENetChannel));
  return 0;
}
