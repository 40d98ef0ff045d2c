/*
 * What the system takes for the datagrams of a broadcast, without a protocol: one process sends them to as many sockets as the
 * clients have, which another process reads and answers.
 *
 *   bareSend CALL PEERS SOCKETS BYTES RATE MS ANSWERS
 *
 * CALL is `mmsg` (sendmmsg and recvmmsg, in the batches of src/io/mmsg.ts) or `msg` (a call for each datagram, as libenet);
 * BYTES is what a datagram carries, RATE in broadcasts per second, ANSWERS how many datagrams come back for each that is
 * sent. Neighbours go to different sockets. Prints one line of JSON: microseconds of CPU of the sending process for each datagram
 * that it sends, answers included, and how many it sent and received.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_SOCKETS 256
#define MAX_BYTES 1400
#define SEND_BATCH 64
#define RECEIVE_BATCH 256
#define SOCKET_BUFFER (256 * 1024)
/* An acknowledgement in a datagram of its own. */
#define ANSWER_BYTES 10
#define WARM_UPS 5

static struct sockaddr_in server, clients[MAX_SOCKETS];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static double wall_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static double cpu_us(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static int open_socket(struct sockaddr_in *address) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), bytes = SOCKET_BUFFER;
  socklen_t length = sizeof *address;
  address->sin_family = AF_INET;
  address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || bind(fd, (struct sockaddr *)address, length) < 0) fail("bind");
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  if (getsockname(fd, (struct sockaddr *)address, &length) < 0) fail("getsockname");
  return fd;
}

/* The process of the clients: reads datagram by datagram, as libenet does, and answers some. */
static void answer(struct pollfd *sockets, size_t count, double share) {
  char bytes[MAX_BYTES] = {0};
  double due = 0;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (;;) {
    if (poll(sockets, count, -1) < 0) fail("poll");
    for (size_t i = 0; i < count; i++) {
      if (!(sockets[i].revents & POLLIN)) continue;
      while (recv(sockets[i].fd, bytes, sizeof bytes, 0) >= 0) {
        for (due += share; due >= 1; due--)
          sendto(sockets[i].fd, bytes, ANSWER_BYTES, 0, (struct sockaddr *)&server, sizeof server);
      }
    }
  }
}

/* Takes what waits. */
static size_t receive(int fd, int is_mmsg) {
  static char bytes[RECEIVE_BATCH][MAX_BYTES];
  static struct sockaddr_in from[RECEIVE_BATCH];
  static struct iovec vectors[RECEIVE_BATCH];
  static struct mmsghdr messages[RECEIVE_BATCH];
  int batch = is_mmsg ? RECEIVE_BATCH : 1, got;
  size_t received = 0;
  do {
    for (int i = 0; i < batch; i++) {
      vectors[i] = (struct iovec){bytes[i], MAX_BYTES};
      messages[i].msg_hdr = (struct msghdr){.msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &vectors[i], .msg_iovlen = 1};
    }
    if (is_mmsg) got = recvmmsg(fd, messages, (unsigned)batch, MSG_DONTWAIT, NULL);
    else got = recvmsg(fd, &messages[0].msg_hdr, 0) < 0 ? -1 : 1;
    if (got > 0) received += (size_t)got;
  } while (got == batch);
  return received;
}

/* Sends one datagram to each peer. What the system has no room for is lost, as on a network. */
static void broadcast(int fd, int is_mmsg, size_t peers, size_t sockets, size_t bytes) {
  static char payloads[SEND_BATCH][MAX_BYTES];
  static struct iovec vectors[SEND_BATCH];
  static struct mmsghdr messages[SEND_BATCH];
  for (size_t peer = 0; peer < peers;) {
    unsigned count = 0;
    for (; count < SEND_BATCH && peer < peers; count++, peer++) {
      vectors[count] = (struct iovec){payloads[count], bytes};
      messages[count].msg_hdr = (struct msghdr){
          .msg_name = &clients[peer % sockets], .msg_namelen = sizeof clients[0], .msg_iov = &vectors[count], .msg_iovlen = 1};
    }
    if (is_mmsg) {
      int sent = sendmmsg(fd, messages, count, MSG_DONTWAIT);
      if (sent < 0 && errno != EAGAIN) fail("sendmmsg");
    } else {
      for (unsigned i = 0; i < count; i++)
        if (sendmsg(fd, &messages[i].msg_hdr, MSG_DONTWAIT) < 0 && errno != EAGAIN) fail("sendmsg");
    }
  }
}

int main(int argc, char **argv) {
  if (argc != 8) return 1;
  int is_mmsg = strcmp(argv[1], "mmsg") == 0;
  size_t peers = (size_t)atoi(argv[2]), sockets = (size_t)atoi(argv[3]), bytes = (size_t)atoi(argv[4]), received = 0;
  double interval = 1000 / atof(argv[5]), share = atof(argv[7]), used = 0;
  long rounds = (long)(atof(argv[6]) / interval + 0.5);
  struct pollfd readers[MAX_SOCKETS];
  if (sockets == 0 || sockets > MAX_SOCKETS || bytes > MAX_BYTES || peers == 0 || rounds < 1) return 1;
  alarm(120);
  int fd = open_socket(&server);
  for (size_t i = 0; i < sockets; i++) readers[i] = (struct pollfd){.fd = open_socket(&clients[i]), .events = POLLIN};
  pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) answer(readers, sockets, share);
  for (size_t i = 0; i < sockets; i++) close(readers[i].fd);
  double next = wall_ms();
  for (long round = -WARM_UPS; round < rounds; round++) {
    if (round == 0) {
      received = 0;
      used = cpu_us();
    }
    broadcast(fd, is_mmsg, peers, sockets, bytes);
    next += interval;
    for (double left; (left = next - wall_ms()) > 0;) {
      struct pollfd own = {.fd = fd, .events = POLLIN};
      if (poll(&own, 1, (int)left + 1) > 0) received += receive(fd, is_mmsg);
    }
  }
  used = cpu_us() - used;
  kill(child, SIGKILL);
  size_t sent = (size_t)rounds * peers;
  printf("{\"us\":%.4f,\"sent\":%zu,\"received\":%zu}\n", used / (double)sent, sent, received);
  return 0;
}
