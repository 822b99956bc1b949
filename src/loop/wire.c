/*
 * wire - libcurl's multi handle on the loop, and easy handles on it.
 *
 * HTTP is libcurl's from end to end. For SMTP it connects, starts TLS and logs
 * in (CONNECT_ONLY); the mail itself is told over the line by its owner.
 */
#include "loop/wire.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/memory.h"
#include "loop/connect_gate.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "0"
#endif

enum {
	IDLE_CONNECTIONS_LIMIT = 256,
	CA_STORE_SECONDS = 5 * 60, /* then the file is read again */
};

struct wire {
	struct loop *loop;
	const struct wire_calls *calls;
	CURLM *multi;
	struct event *timer;
	struct address_policy policy;
	struct event **sockets; /* by descriptor; made when first seen */
	size_t sockets_room;
};

struct wire_line {
	struct wire *wire;
	void *owner;
	CURL *easy;
	const struct transfer_plan *plan;
	CURLU *url; /* read once: libcurl would read it for each request */
	struct curl_slist *headers; /* of header_text, in one piece */
	struct buf header_text; /* those of the request, each with its NUL */
	size_t header_count;
	bool is_running; /* libcurl has it */
	struct connect_gate gate;
	char detail[CURL_ERROR_SIZE];
};

static enum transfer_failure
failure_of(CURLcode code)
{
	switch ((int)code) {
	case CURLE_OK:
		return FAILURE_NONE;
	case CURLE_COULDNT_RESOLVE_HOST:
		return FAILURE_NAME;
	case CURLE_COULDNT_CONNECT:
		return FAILURE_CONNECT;
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_PROXY:
		return FAILURE_PROXY;
	case CURLE_OPERATION_TIMEDOUT:
		return FAILURE_TIMEOUT;
	case CURLE_LOGIN_DENIED:
		return FAILURE_LOGIN;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CRL_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_CLIENTCERT:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_USE_SSL_FAILED:
		return FAILURE_TLS;
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_BAD_FUNCTION_ARGUMENT:
	case CURLE_NOT_BUILT_IN:
	case CURLE_UNKNOWN_OPTION:
		return FAILURE_MISUSE;
	default:
		return FAILURE_LOST;
	}
}

/* libcurl's own text is good where it speaks of certificates, and may hold
 * pieces of the URL elsewhere. */
static const char *
detail_of(const struct wire_line *line, CURLcode code)
{
	long number = 0;
	switch ((int)failure_of(code)) {
	case FAILURE_TLS:
		return line->detail[0] != '\0' ? line->detail
					       : curl_easy_strerror(code);
	case FAILURE_CONNECT:
		curl_easy_getinfo(line->easy, CURLINFO_OS_ERRNO, &number);
		return number != 0 ? strerrordesc_np((int)number) : NULL;
	case FAILURE_LOST:
		return curl_easy_strerror(code);
	case FAILURE_MISUSE:
		return curl_easy_strerror(code);
	default:
		return NULL;
	}
}

/* What the policy has refused is no failure of the network; but where another
 * address of the host was tried, that one's trouble is told. */
static bool
is_denied(const struct wire_line *line, CURLcode code)
{
	return line->gate.denied[0] != '\0' &&
	       (code == CURLE_ABORTED_BY_CALLBACK ||
		       (code == CURLE_COULDNT_CONNECT &&
			       !line->gate.has_socket));
}

/* TLS 1.3 tells of a certificate that is missing or refused when the request
 * is under way. */
static bool
is_alert(const struct wire_line *line, CURLcode code)
{
	return (code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR) &&
	       strstr(line->detail, " alert ") != NULL;
}

/* Out of time: in which phase is what a person needs to know. */
static void
sort_out_timeout(const struct wire_line *line, struct wire_end *end)
{
	long bytes = 0;
	curl_off_t named_us = 0, connected_us = 0;
	curl_easy_getinfo(line->easy, CURLINFO_REQUEST_SIZE, &bytes);
	curl_easy_getinfo(line->easy, CURLINFO_NAMELOOKUP_TIME_T, &named_us);
	curl_easy_getinfo(line->easy, CURLINFO_CONNECT_TIME_T, &connected_us);
	if (bytes > 0 || connected_us > 0)
		return;
	end->failure = named_us == 0 ? FAILURE_NAME : FAILURE_CONNECT;
	end->detail = "out of time";
}

static void
sort_out(const struct wire_line *line, CURLcode code, struct wire_end *end)
{
	long proxy_status = 0;
	curl_easy_getinfo(line->easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
	if (is_denied(line, code)) {
		end->failure = FAILURE_DENIED;
		end->detail = line->gate.denied;
	} else if (code != CURLE_OK && proxy_status >= 300) {
		end->failure = FAILURE_PROXY;
		end->proxy_status = (int)proxy_status;
	} else if (end->failure == FAILURE_PROXY) {
		end->detail = curl_easy_strerror(code);
	} else if (code == CURLE_OPERATION_TIMEDOUT) {
		sort_out_timeout(line, end);
	} else if (is_alert(line, code)) {
		end->failure = FAILURE_TLS;
		end->detail = line->detail;
	} else if (end->request_went && end->failure == FAILURE_MISUSE) {
		end->failure = FAILURE_LOST; /* libcurl takes it for HTTP/0.9 */
		end->detail = "its reply was no HTTP";
	}
}

/* libcurl counts CONNECT too; but until the way is open it is the proxy alone
 * that has heard something. */
static bool
request_went(const struct wire_line *line)
{
	long bytes = 0;
	curl_off_t way_open_us = 0;
	curl_easy_getinfo(line->easy, CURLINFO_REQUEST_SIZE, &bytes);
	curl_easy_getinfo(
		line->easy, CURLINFO_PRETRANSFER_TIME_T, &way_open_us);
	return bytes > 0 && (line->plan->proxy == NULL || way_open_us > 0);
}

static void
tell_end(struct wire_line *line, CURLcode code)
{
	struct wire_end end = {
		.failure = failure_of(code),
		.detail = detail_of(line, code),
		.request_went = !line->plan->is_mail && request_went(line),
	};
	sort_out(line, code, &end);
	line->wire->calls->on_end(line->owner, &end);
}

/* --- libcurl on the loop --- */

static void
reap(struct wire *wire)
{
	CURLMsg *message;
	int left;
	while ((message = curl_multi_info_read(wire->multi, &left)) != NULL) {
		if (message->msg != CURLMSG_DONE)
			continue;
		void *line = NULL;
		CURLcode code = message->data.result;
		curl_easy_getinfo(
			message->easy_handle, CURLINFO_PRIVATE, &line);
		tell_end(line, code);
	}
}

static void
on_socket_event(evutil_socket_t fd, short what, void *context)
{
	struct wire *wire = context;
	int running;
	int action = ((what & EV_READ) != 0 ? CURL_CSELECT_IN : 0) |
		     ((what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0);
	curl_multi_socket_action(wire->multi, fd, action, &running);
	reap(wire);
}

static void
on_timer_event(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	struct wire *wire = context;
	int running;
	curl_multi_socket_action(wire->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	reap(wire);
}

static int
on_timer_wanted(CURLM *multi, long timeout_ms, void *context)
{
	(void)multi;
	struct wire *wire = context;
	struct timeval timeout = {.tv_sec = timeout_ms / 1000,
		.tv_usec = timeout_ms % 1000 * 1000};
	if (timeout_ms < 0)
		event_del(wire->timer);
	else
		event_add(wire->timer, &timeout);
	return 0;
}

static struct event **
socket_event(struct wire *wire, curl_socket_t fd)
{
	size_t index = (size_t)fd;
	if (index >= wire->sockets_room) {
		size_t room = index < 64 ? 128 : index * 2;
		wire->sockets =
			mem_grow(wire->sockets, room, sizeof *wire->sockets);
		for (size_t i = wire->sockets_room; i < room; i++)
			wire->sockets[i] = NULL;
		wire->sockets_room = room;
	}
	return &wire->sockets[index];
}

static int
on_socket_wanted(
	CURL *easy, curl_socket_t fd, int what, void *context, void *of_socket)
{
	(void)easy;
	(void)of_socket;
	struct wire *wire = context;
	struct event_base *base = loop_base(wire->loop);
	struct event **event = socket_event(wire, fd);
	if (*event != NULL)
		event_del(*event);
	if (what == CURL_POLL_REMOVE)
		return 0;
	short flags = (short)(EV_PERSIST |
			      ((what & CURL_POLL_IN) != 0 ? EV_READ : 0) |
			      ((what & CURL_POLL_OUT) != 0 ? EV_WRITE : 0));
	if (*event == NULL)
		*event = event_new(base, fd, flags, on_socket_event, wire);
	else if (event_get_events(*event) != flags)
		event_assign(*event, base, fd, flags, on_socket_event, wire);
	if (*event == NULL || event_add(*event, NULL) != 0)
		abort();
	return 0;
}

/* --- what libcurl reads --- */

static size_t
on_body(char *bytes, size_t size, size_t count, void *context)
{
	struct wire_line *line = context;
	bool more =
		line->wire->calls->on_body(line->owner, bytes, size * count);
	return more ? size * count : 0; /* 0 ends the transfer */
}

static size_t
on_header(char *text, size_t size, size_t count, void *context)
{
	struct wire_line *line = context;
	bool more =
		line->wire->calls->on_header(line->owner, text, size * count);
	return more ? size * count : 0;
}

static int
on_talk(CURL *easy, curl_infotype type, char *text, size_t length,
	void *context)
{
	(void)easy;
	struct wire_line *line = context;
	if (type == CURLINFO_HEADER_OUT || type == CURLINFO_HEADER_IN)
		line->wire->calls->on_talk(
			line->owner, type == CURLINFO_HEADER_IN, text, length);
	return 0;
}

/* --- which addresses --- */

static curl_socket_t
on_open_socket(
	void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	(void)purpose;
	struct wire_line *line = context;
	return connect_gate_open(&line->gate, address->socktype,
		address->protocol, &address->addr, address->addrlen);
}

static int
on_request(
	void *context, char *peer, char *local, int peer_port, int local_port)
{
	(void)local;
	(void)peer_port;
	(void)local_port;
	struct wire_line *line = context;
	if (line->plan->unix_path != NULL ||
		connect_gate_passes(&line->gate, peer))
		return CURL_PREREQFUNC_OK;
	return CURL_PREREQFUNC_ABORT;
}

/* --- setting a handle up --- */

/* Sets options until one is refused. */
struct setter {
	CURL *easy;
	CURLcode code;
};

#define SET(setter, option, value)                                  \
	do {                                                        \
		if ((setter)->code == CURLE_OK)                     \
			(setter)->code = curl_easy_setopt(          \
				(setter)->easy, (option), (value)); \
	} while (0)

static void
set_url(struct setter *set, struct wire_line *line)
{
	if (line->url == NULL)
		line->url = curl_url();
	if (line->url == NULL)
		abort();
	if (curl_url_set(line->url, CURLUPART_URL, line->plan->ascii_url, 0) ==
		CURLUE_OK)
		SET(set, CURLOPT_CURLU, line->url);
	else /* its reason is told as any other */
		SET(set, CURLOPT_URL, line->plan->ascii_url);
}

static void
set_common(struct setter *set, struct wire_line *line)
{
	const struct transfer_plan *plan = line->plan;
	set_url(set, line);
	SET(set, CURLOPT_PRIVATE, line);
	SET(set, CURLOPT_ERRORBUFFER, line->detail);
	SET(set, CURLOPT_NOSIGNAL, 1L);
	SET(set, CURLOPT_QUICK_EXIT, 1L); /* a dead name server holds nobody */
	SET(set, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	SET(set, CURLOPT_OPENSOCKETDATA, line);
	SET(set, CURLOPT_PREREQFUNCTION, on_request);
	SET(set, CURLOPT_PREREQDATA, line);
	SET(set, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(set, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	SET(set, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(set, CURLOPT_CONNECTTIMEOUT_MS, (long)TRANSFER_CONNECT_TIMEOUT_MS);
	if (plan->ca_file != NULL)
		SET(set, CURLOPT_CAINFO, plan->ca_file);
	if (plan->certificate_file != NULL) {
		SET(set, CURLOPT_SSLCERT, plan->certificate_file);
		SET(set, CURLOPT_SSLKEY,
			plan->key_file != NULL ? plan->key_file
					       : plan->certificate_file);
	}
	if (plan->unix_path != NULL)
		SET(set, CURLOPT_UNIX_SOCKET_PATH, plan->unix_path);
	/* Only that file or the system's bundle: with a folder beside it
	 * libcurl keeps no store, and reads all certificates, for some 50 ms,
	 * at each connection. */
	SET(set, CURLOPT_CAPATH, NULL);
	SET(set, CURLOPT_CA_CACHE_TIMEOUT, (long)CA_STORE_SECONDS);
	if (plan->user != NULL)
		SET(set, CURLOPT_USERNAME, plan->user);
	if (plan->password != NULL)
		SET(set, CURLOPT_PASSWORD, plan->password);
}

/* Nothing is taken from the environment. What a proxy says to CONNECT is no
 * header of the receiver's, and our headers are not for it. */
static void
set_proxy(struct setter *set, const struct transfer_plan *plan)
{
	SET(set, CURLOPT_PROXY, plan->proxy != NULL ? plan->proxy : "");
	SET(set, CURLOPT_NOPROXY, "");
	if (plan->proxy == NULL)
		return;
	SET(set, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	SET(set, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
	SET(set, CURLOPT_PROXYAUTH, (long)CURLAUTH_BASIC);
	if (plan->proxy_user != NULL)
		SET(set, CURLOPT_PROXYUSERNAME, plan->proxy_user);
	if (plan->proxy_password != NULL)
		SET(set, CURLOPT_PROXYPASSWORD, plan->proxy_password);
}

static bool
is_method(const struct transfer_plan *plan, const char *method)
{
	return strcmp(plan->method != NULL ? plan->method : "POST", method) ==
	       0;
}

/* libcurl's POST is any request with a body, whatever its method is called. */
static bool
is_post(const struct transfer_plan *plan)
{
	return is_method(plan, "POST") ||
	       (plan->has_body && !is_method(plan, "HEAD"));
}

static void
set_method(struct setter *set, const struct transfer_plan *plan)
{
	if (is_post(plan))
		SET(set, CURLOPT_POST, 1L);
	else if (is_method(plan, "HEAD"))
		SET(set, CURLOPT_NOBODY, 1L);
	else
		SET(set, CURLOPT_HTTPGET, 1L);
	if (!is_method(plan, "POST") && !is_method(plan, "HEAD"))
		SET(set, CURLOPT_CUSTOMREQUEST, plan->method);
}

static void
set_http(struct setter *set, struct wire_line *line)
{
	SET(set, CURLOPT_PROTOCOLS_STR, "http,https");
	SET(set, CURLOPT_FOLLOWLOCATION, 0L);
	SET(set, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(set, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
	SET(set, CURLOPT_USERAGENT, "npsd/" PACKAGE_VERSION);
	SET(set, CURLOPT_WRITEFUNCTION, on_body);
	SET(set, CURLOPT_WRITEDATA, line);
	SET(set, CURLOPT_HEADERFUNCTION, on_header);
	SET(set, CURLOPT_HEADERDATA, line);
	set_method(set, line->plan);
}

static long
use_ssl(enum transfer_tls tls)
{
	switch (tls) {
	case TRANSFER_TLS_OPTIONAL:
		return CURLUSESSL_TRY;
	case TRANSFER_TLS_OFF:
		return CURLUSESSL_NONE;
	case TRANSFER_TLS_REQUIRED:
		break;
	}
	return CURLUSESSL_ALL;
}

/* CONNECT_ONLY also keeps the connection from being used for another mail, so
 * that none goes over one that was opened with less TLS; and libcurl sends no
 * QUIT, whose answer it would wait for. */
static void
set_mail(struct setter *set, struct wire_line *line)
{
	SET(set, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	SET(set, CURLOPT_CONNECT_ONLY, 1L);
	SET(set, CURLOPT_FRESH_CONNECT, 1L);
	SET(set, CURLOPT_USE_SSL, use_ssl(line->plan->tls));
	SET(set, CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN;AUTH=CRAM-MD5");
	SET(set, CURLOPT_VERBOSE, 1L); /* for the next one only */
	SET(set, CURLOPT_DEBUGFUNCTION, on_talk);
	SET(set, CURLOPT_DEBUGDATA, line);
}

static bool
starts_with_name(const char *header, const char *name)
{
	size_t length = strlen(name);
	return strncasecmp(header, name, length) == 0 && header[length] == ':';
}

static void
add_header(struct wire_line *line, const char *bytes, size_t length)
{
	buf_append(&line->header_text, bytes, length);
	buf_append_char(&line->header_text, '\0');
	line->header_count++;
}

/* libcurl takes out a header that has no value, so "Name:" becomes "Name;",
 * its way to say that. */
static void
add_request_header(struct wire_line *line, const char *header)
{
	const char *value = strchr(header, ':') + 1;
	if (value[strspn(value, " \t")] != '\0') {
		add_header(line, header, strlen(header));
		return;
	}
	add_header(line, header, (size_t)(value - header));
	line->header_text.data[line->header_text.length - 2] = ';';
}

/* libcurl only reads the list, so its links need no memory of their own. */
static struct curl_slist *
link_headers(struct wire_line *line)
{
	char *at = line->header_text.data;
	line->headers = mem_grow(
		line->headers, line->header_count, sizeof *line->headers);
	for (size_t i = 0; i < line->header_count; i++) {
		line->headers[i].data = at;
		line->headers[i].next = i + 1 < line->header_count
						? &line->headers[i + 1]
						: NULL;
		at += strlen(at) + 1;
	}
	return line->headers;
}

/* The request's headers, then what libcurl must not add by itself. */
static void
set_headers(
	struct setter *set, struct wire_line *line, const char *const *headers)
{
	bool has_type = false;
	buf_clear(&line->header_text);
	line->header_count = 0;
	for (; headers != NULL && *headers != NULL; headers++) {
		add_request_header(line, *headers);
		has_type =
			has_type || starts_with_name(*headers, "Content-Type");
	}
	add_header(line, "Expect:", strlen("Expect:"));
	if (!has_type)
		add_header(line, "Content-Type:", strlen("Content-Type:"));
	SET(set, CURLOPT_HTTPHEADER, link_headers(line));
}

/* --- lines --- */

struct wire_line *
wire_line_new(struct wire *wire, void *owner)
{
	struct wire_line *line = mem_new(1, sizeof *line);
	line->wire = wire;
	line->owner = owner;
	line->gate.common = &wire->policy;
	line->easy = curl_easy_init();
	if (line->easy == NULL)
		abort();
	return line;
}

void
wire_line_free(struct wire_line *line)
{
	if (line == NULL)
		return;
	curl_easy_cleanup(line->easy);
	curl_url_cleanup(line->url);
	free(line->headers);
	buf_done(&line->header_text);
	free(line);
}

static bool
all_set(const struct setter *set, struct err *err)
{
	if (set->code == CURLE_OK)
		return true;
	return err_set(err, "libcurl refuses an option: %s",
		curl_easy_strerror(set->code));
}

bool
wire_line_set_up(struct wire_line *line, const struct transfer_plan *plan,
	struct err *err)
{
	curl_easy_reset(line->easy);
	line->plan = plan;
	line->gate.own = &plan->policy;
	struct setter set = {.easy = line->easy, .code = CURLE_OK};
	set_common(&set, line);
	set_proxy(&set, plan);
	if (plan->is_mail)
		set_mail(&set, line);
	else
		set_http(&set, line);
	return all_set(&set, err);
}

bool
wire_line_start(struct wire_line *line, const struct transfer_request *request,
	struct err *err)
{
	struct setter set = {.easy = line->easy, .code = CURLE_OK};
	line->detail[0] = '\0';
	connect_gate_clear(&line->gate);
	SET(&set, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
	if (!line->plan->is_mail)
		set_headers(&set, line, request->headers);
	if (!line->plan->is_mail && is_post(line->plan)) {
		SET(&set, CURLOPT_POSTFIELDSIZE_LARGE,
			(curl_off_t)request->body_length);
		SET(&set, CURLOPT_POSTFIELDS,
			line->plan->has_body ? request->body : "");
	}
	if (!all_set(&set, err))
		return false;
	CURLMcode code = curl_multi_add_handle(line->wire->multi, line->easy);
	if (code != CURLM_OK)
		return err_set(err, "libcurl refuses a transfer: %s",
			curl_multi_strerror(code));
	line->is_running = true;
	return true;
}

void
wire_line_stop(struct wire_line *line)
{
	if (line->is_running)
		curl_multi_remove_handle(line->wire->multi, line->easy);
	line->is_running = false;
}

int
wire_line_fd(const struct wire_line *line)
{
	curl_socket_t fd = CURL_SOCKET_BAD;
	curl_easy_getinfo(line->easy, CURLINFO_ACTIVESOCKET, &fd);
	return fd == CURL_SOCKET_BAD ? -1 : fd;
}

enum wire_io
wire_line_send(
	struct wire_line *line, const char *bytes, size_t length, size_t *sent)
{
	*sent = 0;
	CURLcode code = curl_easy_send(line->easy, bytes, length, sent);
	if (code == CURLE_OK)
		return WIRE_DONE;
	return code == CURLE_AGAIN ? WIRE_AGAIN : WIRE_LOST;
}

enum wire_io
wire_line_read(struct wire_line *line, char *bytes, size_t room, size_t *got)
{
	*got = 0;
	CURLcode code = curl_easy_recv(line->easy, bytes, room, got);
	if (code == CURLE_OK)
		return *got > 0 ? WIRE_DONE : WIRE_LOST;
	return code == CURLE_AGAIN ? WIRE_AGAIN : WIRE_LOST;
}

/* --- the whole --- */

static void
set_multi(struct wire *wire, long per_host)
{
	CURLM *multi = wire->multi;
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket_wanted);
	curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, wire);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer_wanted);
	curl_multi_setopt(multi, CURLMOPT_TIMERDATA, wire);
	curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, per_host);
	curl_multi_setopt(
		multi, CURLMOPT_MAXCONNECTS, (long)IDLE_CONNECTIONS_LIMIT);
}

struct wire *
wire_new(struct loop *loop, long per_host, const struct wire_calls *calls,
	struct err *err)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		err_set(err, "libcurl does not start");
		return NULL;
	}
	struct wire *wire = mem_new(1, sizeof *wire);
	wire->loop = loop;
	wire->calls = calls;
	wire->multi = curl_multi_init();
	wire->timer = event_new(loop_base(loop), -1, 0, on_timer_event, wire);
	if (wire->multi == NULL || wire->timer == NULL)
		abort();
	set_multi(wire, per_host);
	return wire;
}

void
wire_set_policy(struct wire *wire, const struct address_policy *policy)
{
	address_policy_done(&wire->policy);
	address_policy_copy(&wire->policy, policy);
}

void
wire_free(struct wire *wire)
{
	if (wire == NULL)
		return;
	curl_multi_cleanup(wire->multi); /* still calls on_socket_wanted */
	for (size_t i = 0; i < wire->sockets_room; i++)
		if (wire->sockets[i] != NULL)
			event_free(wire->sockets[i]);
	free(wire->sockets);
	address_policy_done(&wire->policy);
	event_free(wire->timer);
	free(wire);
	curl_global_cleanup();
}
