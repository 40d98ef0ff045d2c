/*
 * libenet without a network and without a clock: this program supplies the functions by which the library reads the
 * time and its socket, so that every step of one host can be told from outside and seen.
 *
 *   in:  host MTU SEED RANGE IN OUT  creates the host with one slot and two bandwidths
 *        connect CHANNELS DATA       to the one other host there is
 *        in HEX                      a datagram that the next service shall find
 *        send CHANNEL FLAGS [HEX]    queues a packet
 *        disconnect DATA             asks for the end of the connection
 *        service NOW                 serves until there is no event left
 *   out: after each service what happened, one item a line in order, and "done" with the state of peer 0
 */
#include <enet/enet.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_DATAGRAMS 4096

static enet_uint32 now = 0;
static ENetHost *host = NULL;

static struct {
  size_t length;
  enet_uint8 *bytes;
} inbox[MAX_DATAGRAMS];
static size_t inbox_start = 0, inbox_end = 0;

static void print_hex(const enet_uint8 *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) printf("%02x", bytes[i]);
}

/* ---- what libenet calls ---- */

enet_uint32 enet_time_get(void) { return now; }

int enet_socket_send(ENetSocket socket, const ENetAddress *address, const ENetBuffer *buffers, size_t count) {
  size_t length = 0;
  (void)socket;
  (void)address;
  printf("out ");
  for (size_t i = 0; i < count; i++) {
    print_hex(buffers[i].data, buffers[i].dataLength);
    length += buffers[i].dataLength;
  }
  printf("\n");
  return (int)length;
}

int enet_socket_receive(ENetSocket socket, ENetAddress *address, ENetBuffer *buffers, size_t count) {
  (void)socket;
  if (inbox_start == inbox_end || count != 1) return 0;
  size_t length = inbox[inbox_start].length;
  if (length > buffers[0].dataLength) abort();
  memcpy(buffers[0].data, inbox[inbox_start].bytes, length);
  free(inbox[inbox_start].bytes);
  inbox_start++;
  address->host = ENET_HOST_TO_NET_32(0x0A000001);
  address->port = 7;
  return (int)length;
}

int enet_socket_wait(ENetSocket socket, enet_uint32 *condition, enet_uint32 timeout) {
  (void)socket;
  (void)timeout;
  *condition = ENET_SOCKET_WAIT_NONE;
  return 0;
}

/* ---- commands ---- */

static enet_uint8 *from_hex(const char *text, size_t *length) {
  *length = strspn(text, "0123456789abcdef") / 2;
  enet_uint8 *bytes = malloc(*length + 1);
  if (bytes == NULL) abort();
  for (size_t i = 0; i < *length; i++) {
    unsigned value = 0;
    sscanf(text + 2 * i, "%2x", &value);
    bytes[i] = (enet_uint8)value;
  }
  return bytes;
}

static void service(void) {
  ENetEvent e;
  const ENetPeer *p = &host->peers[0];
  int result;
  while ((result = enet_host_service(host, &e, 0)) > 0) {
    if (e.type == ENET_EVENT_TYPE_RECEIVE) {
      printf("receive %u %u ", e.channelID, e.packet->flags & 11u);
      print_hex(e.packet->data, e.packet->dataLength);
      printf("\n");
      enet_packet_destroy(e.packet);
    } else {
      printf("%s %u\n", e.type == ENET_EVENT_TYPE_CONNECT ? "connect" : "disconnect", e.data);
    }
  }
  if (result < 0) printf("failed\n");
  inbox_start = inbox_end = 0;
  printf("done state=%d rtt=%u variance=%u throttle=%u loss=%u window=%u\n", (int)p->state, p->roundTripTime,
         p->roundTripTimeVariance, p->packetThrottle, p->packetLoss, p->windowSize);
  fflush(stdout);
}

static void execute(const char *line) {
  unsigned a = 0, b = 0, c = 0, d = 0, e = 0;
  int at = 0;
  size_t length = 0;
  if (sscanf(line, "host %u %u %u %u %u", &a, &b, &c, &d, &e) == 5) {
    host = enet_host_create(NULL, 1, 0, d, e);
    if (host == NULL) abort();
    host->mtu = host->peers[0].mtu = a;
    host->randomSeed = b;
    if (c != 0 && enet_host_compress_with_range_coder(host) != 0) abort();
  } else if (sscanf(line, "connect %u %u", &a, &b) == 2) {
    ENetAddress address = {ENET_HOST_TO_NET_32(0x0A000001), 7};
    if (enet_host_connect(host, &address, a, b) == NULL) abort();
  } else if (strncmp(line, "in ", 3) == 0) {
    if (inbox_end == MAX_DATAGRAMS) abort();
    inbox[inbox_end].bytes = from_hex(line + 3, &length);
    inbox[inbox_end++].length = length;
  } else if (sscanf(line, "send %u %u %n", &a, &b, &at) == 2 && at > 0) {
    enet_uint8 *bytes = from_hex(line + at, &length);
    ENetPacket *packet = enet_packet_create(bytes, length, b);
    free(bytes);
    if (packet == NULL) abort();
    if (enet_peer_send(&host->peers[0], (enet_uint8)a, packet) < 0) enet_packet_destroy(packet);
  } else if (sscanf(line, "disconnect %u", &a) == 1) {
    enet_peer_disconnect_later(&host->peers[0], a);
  } else if (sscanf(line, "service %u", &a) == 1) {
    now = a;
    service();
  } else {
    fprintf(stderr, "bad line: %.40s\n", line);
    exit(1);
  }
}

int main(void) {
  char *line = NULL;
  size_t size = 0;
  alarm(60);
  if (enet_initialize() != 0) return 1;
  while (getline(&line, &size, stdin) > 0) execute(line);
  return 0;
}
