/*
 * A DTLS 1.2 peer over mbedTLS, the library that Godot uses, in the role of a client or of a server. It makes the
 * calls that Godot makes (cookies, client transport id, verification of chain and name), and prints what happens as one
 * JSON object a line.
 *
 *   peer client key=value ...    connects, sends `count` datagrams of growing size and expects each one back
 *   peer server key=value ...    serves one client after the other and sends back what they send
 *
 * Keys: port, life (seconds until it ends by itself), cert, key, ca (PEM files), host (the name to expect), verify
 * (0 or 1), suite (an IANA number in decimal), curve (as mbedTLS names it), count, max (largest datagram), drop (how
 * many of the first datagrams sent are lost), end (notify or vanish), mtu (of handshake datagrams), silent (1: the server
 * only counts what it gets).
 */
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_cookie.h>
#include <mbedtls/timing.h>
#include <mbedtls/version.h>

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_BYTES 4096

static int argument_count;
static char **arguments;
static int udp = -1;
static struct sockaddr_in remote;
static int has_remote;
static long to_drop;
static long hello_verifies;
static long largest_handshake;

static const char *text(const char *name, const char *otherwise) {
  size_t length = strlen(name);
  for (int i = 2; i < argument_count; i++) {
    if (strncmp(arguments[i], name, length) == 0 && arguments[i][length] == '=') return arguments[i] + length + 1;
  }
  return otherwise;
}

static long number(const char *name, long otherwise) {
  const char *value = text(name, NULL);
  return value == NULL ? otherwise : strtol(value, NULL, 10);
}

static void fail(const char *where, int code) {
  char message[160] = "";
  mbedtls_strerror(code, message, sizeof message);
  printf("{\"ev\":\"error\",\"where\":\"%s\",\"code\":%d,\"text\":\"%s\"}\n", where, -code, message);
  fflush(stdout);
}

static void die(const char *where, int code) {
  fail(where, code);
  exit(1);
}

static int send_datagram(void *context, const unsigned char *bytes, size_t length) {
  (void)context;
  if (to_drop > 0) {
    to_drop--;
    return (int)length;
  }
  if (length > 0 && bytes[0] == 22 && (long)length > largest_handshake) largest_handshake = (long)length;
  ssize_t sent = sendto(udp, bytes, length, 0, (struct sockaddr *)&remote, sizeof remote);
  return sent < 0 ? MBEDTLS_ERR_NET_SEND_FAILED : (int)sent;
}

static int receive_datagram(void *context, unsigned char *bytes, size_t size, uint32_t timeout_ms) {
  (void)context;
  for (;;) {
    struct pollfd waiting = {udp, POLLIN, 0};
    int ready = poll(&waiting, 1, timeout_ms == 0 ? -1 : (int)timeout_ms);
    if (ready == 0) return MBEDTLS_ERR_SSL_TIMEOUT;
    if (ready < 0) return MBEDTLS_ERR_NET_RECV_FAILED;
    struct sockaddr_in from;
    socklen_t from_length = sizeof from;
    ssize_t got = recvfrom(udp, bytes, size, 0, (struct sockaddr *)&from, &from_length);
    if (got < 0) {
      if (errno == ECONNREFUSED || errno == EAGAIN) continue;
      return MBEDTLS_ERR_NET_RECV_FAILED;
    }
    if (has_remote && (from.sin_port != remote.sin_port || from.sin_addr.s_addr != remote.sin_addr.s_addr)) continue;
    remote = from;
    has_remote = 1;
    /* handshake record of epoch 0 whose first message is HelloVerifyRequest */
    if (got > 13 && bytes[0] == 22 && bytes[3] == 0 && bytes[4] == 0 && bytes[13] == 3) hello_verifies++;
    return (int)got;
  }
}

static void print_open(mbedtls_ssl_context *ssl) {
  const mbedtls_x509_crt *peer = mbedtls_ssl_get_peer_cert(ssl);
  printf("{\"ev\":\"open\",\"suite\":\"%s\",\"version\":\"%s\",\"helloVerifies\":%ld,\"hasCertificate\":%d}\n",
         mbedtls_ssl_get_ciphersuite(ssl), mbedtls_ssl_get_version(ssl), hello_verifies, peer != NULL);
  fflush(stdout);
}

static int shake_hands(mbedtls_ssl_context *ssl) {
  int code;
  do code = mbedtls_ssl_handshake(ssl);
  while (code == MBEDTLS_ERR_SSL_WANT_READ || code == MBEDTLS_ERR_SSL_WANT_WRITE);
  return code;
}

static int run_client(mbedtls_ssl_context *ssl) {
  has_remote = 1;
  remote.sin_family = AF_INET;
  remote.sin_port = htons((uint16_t)number("port", 0));
  remote.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const char *host = text("host", NULL);
  int code = mbedtls_ssl_set_hostname(ssl, host);
  if (code != 0) die("set_hostname", code);
  code = shake_hands(ssl);
  if (code != 0) {
    uint32_t flags = mbedtls_ssl_get_verify_result(ssl);
    char reasons[512] = "";
    if (flags != 0 && flags != 0xffffffffu) mbedtls_x509_crt_verify_info(reasons, sizeof reasons, "", flags);
    for (char *at = reasons; *at; at++) if (*at == '\n') *at = ';';
    printf("{\"ev\":\"refused\",\"reasons\":\"%s\"}\n", reasons);
    die("handshake", code);
  }
  print_open(ssl);
  long count = number("count", 20), largest = number("max", 1390);
  static unsigned char out[MAX_BYTES], in[MAX_BYTES];
  for (long i = 0; i < count; i++) {
    size_t length = (size_t)(count < 2 ? largest : 1 + (largest - 1) * i / (count - 1));
    for (size_t at = 0; at < length; at++) out[at] = (unsigned char)(i * 31 + (long)at);
    code = mbedtls_ssl_write(ssl, out, length);
    if (code != (int)length) die("write", code);
    do code = mbedtls_ssl_read(ssl, in, sizeof in);
    while (code == MBEDTLS_ERR_SSL_WANT_READ || code == MBEDTLS_ERR_SSL_WANT_WRITE);
    if (code < 0) die("read", code);
    if ((size_t)code != length || memcmp(in, out, length) != 0) {
      printf("{\"ev\":\"wrong\",\"sent\":%zu,\"got\":%d}\n", length, code);
      return 1;
    }
  }
  printf("{\"ev\":\"echoed\",\"count\":%ld}\n", count);
  fflush(stdout);
  if (strcmp(text("end", "notify"), "vanish") == 0) return 0;
  if (strcmp(text("end", "notify"), "wait") == 0) {
    code = mbedtls_ssl_read(ssl, in, sizeof in);
    if (code == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) printf("{\"ev\":\"closed\"}\n");
    else fail("read", code);
    return 0;
  }
  mbedtls_ssl_close_notify(ssl);
  printf("{\"ev\":\"ended\"}\n");
  return 0;
}

static void run_server(mbedtls_ssl_context *ssl) {
  static unsigned char bytes[MAX_BYTES];
  for (;;) {
    mbedtls_ssl_session_reset(ssl);
    has_remote = 0;
    /* The address has to be known before the first ClientHello is read. */
    struct sockaddr_in from;
    socklen_t from_length = sizeof from;
    if (recvfrom(udp, bytes, 1, MSG_PEEK, (struct sockaddr *)&from, &from_length) < 0) {
      if (errno == ECONNREFUSED) continue;
      die("recvfrom", -errno);
    }
    remote = from;
    has_remote = 1;
    unsigned char id[6];
    memcpy(id, &from.sin_addr.s_addr, 4);
    memcpy(id + 4, &from.sin_port, 2);
    int code = mbedtls_ssl_set_client_transport_id(ssl, id, sizeof id);
    if (code != 0) die("set_client_transport_id", code);
    code = shake_hands(ssl);
    if (code == MBEDTLS_ERR_SSL_HELLO_VERIFY_REQUIRED) {
      printf("{\"ev\":\"helloVerify\"}\n");
      fflush(stdout);
      continue;
    }
    if (code != 0) {
      fail("handshake", code);
      continue;
    }
    print_open(ssl);
    long datagrams = 0;
    for (;;) {
      do code = mbedtls_ssl_read(ssl, bytes, sizeof bytes);
      while (code == MBEDTLS_ERR_SSL_WANT_READ || code == MBEDTLS_ERR_SSL_WANT_WRITE);
      if (code == MBEDTLS_ERR_SSL_TIMEOUT) continue;
      if (code < 0) break;
      datagrams++;
      if (number("silent", 0) == 0) mbedtls_ssl_write(ssl, bytes, (size_t)code);
      if (number("count", 0) == datagrams) {
        mbedtls_ssl_close_notify(ssl);
        printf("{\"ev\":\"ended\"}\n");
        fflush(stdout);
        break;
      }
    }
    if (code == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
      printf("{\"ev\":\"closed\",\"count\":%ld,\"largestHandshake\":%ld}\n", datagrams, largest_handshake);
      fflush(stdout);
    } else if (code < 0) fail("read", code);
  }
}

int main(int count, char **values) {
  argument_count = count;
  arguments = values;
  if (count < 2) return 2;
  int is_client = strcmp(values[1], "client") == 0;
  alarm((unsigned)number("life", 30));
  to_drop = number("drop", 0);

  mbedtls_entropy_context entropy;
  mbedtls_ctr_drbg_context drbg;
  mbedtls_ssl_config config;
  mbedtls_ssl_context ssl;
  mbedtls_ssl_cookie_ctx cookies;
  mbedtls_x509_crt own, trusted;
  mbedtls_pk_context key;
  mbedtls_timing_delay_context timer;
  mbedtls_entropy_init(&entropy);
  mbedtls_ctr_drbg_init(&drbg);
  mbedtls_ssl_config_init(&config);
  mbedtls_ssl_init(&ssl);
  mbedtls_ssl_cookie_init(&cookies);
  mbedtls_x509_crt_init(&own);
  mbedtls_x509_crt_init(&trusted);
  mbedtls_pk_init(&key);

  int code = mbedtls_ctr_drbg_seed(&drbg, mbedtls_entropy_func, &entropy, NULL, 0);
  if (code != 0) die("seed", code);
  code = mbedtls_ssl_config_defaults(&config, is_client ? MBEDTLS_SSL_IS_CLIENT : MBEDTLS_SSL_IS_SERVER,
                                     MBEDTLS_SSL_TRANSPORT_DATAGRAM, MBEDTLS_SSL_PRESET_DEFAULT);
  if (code != 0) die("config", code);
  mbedtls_ssl_conf_min_version(&config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
  mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &drbg);
  mbedtls_ssl_conf_authmode(&config, is_client && number("verify", 0) ? MBEDTLS_SSL_VERIFY_REQUIRED
                                                                     : MBEDTLS_SSL_VERIFY_NONE);
  mbedtls_ssl_conf_read_timeout(&config, 8000);
  int suites[2] = {(int)number("suite", 0), 0};
  if (suites[0] != 0) mbedtls_ssl_conf_ciphersuites(&config, suites);
  const char *curve = text("curve", NULL);
  mbedtls_ecp_group_id curves[2] = {MBEDTLS_ECP_DP_NONE, MBEDTLS_ECP_DP_NONE};
  if (curve != NULL) {
    const mbedtls_ecp_curve_info *info = mbedtls_ecp_curve_info_from_name(curve);
    if (info == NULL) die("curve", -1);
    curves[0] = info->grp_id;
    mbedtls_ssl_conf_curves(&config, curves);
  }
  if (text("ca", NULL) != NULL) {
    code = mbedtls_x509_crt_parse_file(&trusted, text("ca", NULL));
    if (code != 0) die("ca", code);
    mbedtls_ssl_conf_ca_chain(&config, &trusted, NULL);
  }
  if (text("cert", NULL) != NULL) {
    code = mbedtls_x509_crt_parse_file(&own, text("cert", NULL));
    if (code != 0) die("cert", code);
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
    code = mbedtls_pk_parse_keyfile(&key, text("key", ""), NULL, mbedtls_ctr_drbg_random, &drbg);
#else
    code = mbedtls_pk_parse_keyfile(&key, text("key", ""), NULL);
#endif
    if (code != 0) die("key", code);
    code = mbedtls_ssl_conf_own_cert(&config, &own, &key);
    if (code != 0) die("own_cert", code);
  }
  if (!is_client) {
    code = mbedtls_ssl_cookie_setup(&cookies, mbedtls_ctr_drbg_random, &drbg);
    if (code != 0) die("cookie", code);
    mbedtls_ssl_conf_dtls_cookies(&config, mbedtls_ssl_cookie_write, mbedtls_ssl_cookie_check, &cookies);
  }
  code = mbedtls_ssl_setup(&ssl, &config);
  if (code != 0) die("setup", code);
  if (number("mtu", 0) > 0) mbedtls_ssl_set_mtu(&ssl, (uint16_t)number("mtu", 0));
  mbedtls_ssl_set_timer_cb(&ssl, &timer, mbedtls_timing_set_delay, mbedtls_timing_get_delay);
  mbedtls_ssl_set_bio(&ssl, NULL, send_datagram, NULL, receive_datagram);

  udp = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in local = {0};
  local.sin_family = AF_INET;
  local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  local.sin_port = htons((uint16_t)(is_client ? 0 : number("port", 0)));
  socklen_t length = sizeof local;
  if (udp < 0 || bind(udp, (struct sockaddr *)&local, sizeof local) != 0 ||
      getsockname(udp, (struct sockaddr *)&local, &length) != 0) {
    die("socket", -errno);
  }
  printf("{\"ev\":\"ready\",\"port\":%d,\"version\":\"%s\"}\n", ntohs(local.sin_port), MBEDTLS_VERSION_STRING);
  fflush(stdout);
  if (is_client) return run_client(&ssl);
  run_server(&ssl);
  return 0;
}
