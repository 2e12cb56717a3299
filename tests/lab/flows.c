#define _GNU_SOURCE
#include "tests/lab/flows.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pce/base/array.h"
#include "tests/lab/space.h"

#ifndef SO_ATTACH_BPF
#define SO_ATTACH_BPF 50
#endif
#define PREFIXES_MAX 65536
#define COUNTERS_MAX 262144
#define CLOSERS 32

/* Key of the prefixes: the headend's address and the destination inside, by the longest prefix. */
struct lpm_key {
	uint32_t bits;
	uint8_t headend[16], destination[16];
};

struct count_key {
	uint32_t router, slot;
};

struct count {
	uint64_t packets, octets;
};

/* A policy that was there once keeps its number and its counters. */
struct slot {
	uint32_t headend, color;
	struct ip_addr endpoint;
	bool there;
};

/* A prefix that the kernel has. */
struct entry {
	uint32_t headend, slot;
	struct ip_prefix prefix;
	bool wanted;
};

struct flows {
	const struct lab_network *network;
	struct site *sites;
	pthread_mutex_t mutex;
	int prefixes, counters; /* maps */
	int *sockets; /* of routers */
	struct slot *slots;
	struct entry *entries;
	size_t n_slots, slots_cap, n_entries, entries_cap;
};

/* --- the kernel's doors --- */

static long
bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof *attr);
}

static int
make_map(enum bpf_map_type type, size_t key, size_t value, uint32_t max)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof attr);
	attr.map_type = type;
	attr.key_size = (uint32_t)key;
	attr.value_size = (uint32_t)value;
	attr.max_entries = max;
	attr.map_flags = BPF_F_NO_PREALLOC;
	return (int)bpf(BPF_MAP_CREATE, &attr);
}

static bool
map_do(int command, int map, const void *key, const void *value)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof attr);
	attr.map_fd = (uint32_t)map;
	attr.key = (uintptr_t)key;
	attr.value = (uintptr_t)value;
	return bpf(command, &attr) == 0;
}

/* --- the program --- */

#define OP(code_, dst, src, off_, imm_)                                                            \
	((struct bpf_insn){                                                                        \
	    .code = (code_), .dst_reg = (dst), .src_reg = (src), .off = (off_), .imm = (imm_) })
#define MOV(dst, src) OP(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0)
#define SET(dst, imm) OP(BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, imm)
#define ADD(dst, imm) OP(BPF_ALU64 | BPF_ADD | BPF_K, dst, 0, 0, imm)
#define SHL(dst, imm) OP(BPF_ALU64 | BPF_LSH | BPF_K, dst, 0, 0, imm)
#define LOAD(size, dst, src, off) OP(BPF_LDX | BPF_MEM | (size), dst, src, off, 0)
#define STORE(size, dst, off, src) OP(BPF_STX | BPF_MEM | (size), dst, src, off, 0)
#define STORE_IMM(dst, off, imm) OP(BPF_ST | BPF_MEM | BPF_W, dst, 0, off, imm)
#define XADD(dst, off, src) OP(BPF_STX | BPF_XADD | BPF_DW, dst, src, off, 0)
#define IF_EQ(dst, imm, off) OP(BPF_JMP | BPF_JEQ | BPF_K, dst, 0, off, imm)
#define IF_NE(dst, imm, off) OP(BPF_JMP | BPF_JNE | BPF_K, dst, 0, off, imm)
#define GOTO(off) OP(BPF_JMP | BPF_JA, 0, 0, off, 0)
#define CALL(function) OP(BPF_JMP | BPF_CALL, 0, 0, 0, function)
#define EXIT OP(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

/* Places on the stack, from the frame pointer (r10). */
#define AT_SCRATCH (-8)
#define AT_KEY (-48) /* struct lpm_key, 36 octets */
#define AT_HEADEND (AT_KEY + 4)
#define AT_DESTINATION (AT_KEY + 20)
#define AT_COUNT (-64) /* struct count */
#define OUT 9999 /* a jump to the end, patched */

struct program {
	struct bpf_insn at[96];
	unsigned n;
};

static void
emit(struct program *p, struct bpf_insn op)
{
	p->at[p->n++] = op;
}

/* r0 = skb_load_bytes(skb, r8 or a constant, stack place, n), and out unless it is 0. */
static void
emit_load(struct program *p, int offset, bool from_r8, int place, int n)
{
	emit(p, MOV(1, 6));
	if (from_r8)
		emit(p, MOV(2, 8));
	else
		emit(p, SET(2, offset));
	emit(p, MOV(3, 10));
	emit(p, ADD(3, place));
	emit(p, SET(4, n));
	emit(p, CALL(BPF_FUNC_skb_load_bytes));
	emit(p, IF_NE(0, 0, OUT));
}

static void
emit_map(struct program *p, int map)
{
	emit(p, OP(BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_FD, 0, map));
	emit(p, OP(0, 0, 0, 0, 0));
}

/*
 * Offset of the packet inside (r8) from the next header: 41 is a packet, behind a routing header or
 * at once; anything else is a packet that nobody encapsulated yet, whose headend is here.
 */
static void
emit_inside(struct program *p, const uint8_t headend[16])
{
	unsigned plain, done;
	int32_t words[4];

	memcpy(words, headend, 16);
	emit_load(p, 6, false, AT_SCRATCH, 1);
	emit(p, LOAD(BPF_B, 7, 10, AT_SCRATCH));
	emit(p, SET(8, 40));
	emit(p, IF_EQ(7, IPPROTO_IPV6, 0)); /* to "outer", patched */
	done = p->n - 1;
	emit(p, IF_NE(7, IPPROTO_ROUTING, 0)); /* to "plain", patched */
	plain = p->n - 1;
	emit_load(p, 40, false, AT_SCRATCH, 2);
	emit(p, LOAD(BPF_B, 7, 10, AT_SCRATCH));
	emit(p, IF_NE(7, IPPROTO_IPV6, OUT));
	emit(p, LOAD(BPF_B, 8, 10, AT_SCRATCH + 1));
	emit(p, ADD(8, 1));
	emit(p, SHL(8, 3));
	emit(p, ADD(8, 40));
	p->at[done].off = (int16_t)(p->n - done - 1);
	emit_load(p, 8, false, AT_HEADEND, 16);
	emit(p, GOTO(5));
	p->at[plain].off = (int16_t)(p->n - plain - 1);
	emit(p, SET(8, 0));
	for (int i = 0; i < 4; i++)
		emit(p, STORE_IMM(10, (int16_t)(AT_HEADEND + 4 * i), words[i]));
}

/* Adds a packet to the counter of a slot (r7) at this router. */
static void
emit_count(struct program *p, const struct flows *f, uint32_t router)
{
	unsigned first;

	emit(p, STORE_IMM(10, AT_SCRATCH, (int32_t)router));
	emit(p, STORE(BPF_W, 10, AT_SCRATCH + 4, 7));
	emit(p, LOAD(BPF_W, 9, 6, offsetof(struct __sk_buff, len)));
	emit_map(p, f->counters);
	emit(p, MOV(2, 10));
	emit(p, ADD(2, AT_SCRATCH));
	emit(p, CALL(BPF_FUNC_map_lookup_elem));
	emit(p, IF_EQ(0, 0, 0)); /* to the first packet, patched */
	first = p->n - 1;
	emit(p, SET(1, 1));
	emit(p, XADD(0, 0, 1));
	emit(p, XADD(0, 8, 9));
	emit(p, GOTO(OUT));
	p->at[first].off = (int16_t)(p->n - first - 1);
	emit(p, SET(1, 1));
	emit(p, STORE(BPF_DW, 10, AT_COUNT, 1));
	emit(p, STORE(BPF_DW, 10, AT_COUNT + 8, 9));
	emit_map(p, f->counters);
	emit(p, MOV(2, 10));
	emit(p, ADD(2, AT_SCRATCH));
	emit(p, MOV(3, 10));
	emit(p, ADD(3, AT_COUNT));
	emit(p, SET(4, BPF_NOEXIST));
	emit(p, CALL(BPF_FUNC_map_update_elem));
}

static int
load(const struct program *p, struct pce_error *err)
{
	static char log[16384];
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof attr);
	attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	attr.insns = (uintptr_t)p->at;
	attr.insn_cnt = p->n;
	attr.license = (uintptr_t) "GPL";
	fd = (int)bpf(BPF_PROG_LOAD, &attr);
	if (fd >= 0)
		return fd;
	attr.log_buf = (uintptr_t)log;
	attr.log_size = sizeof log;
	attr.log_level = 1;
	fd = (int)bpf(BPF_PROG_LOAD, &attr);
	if (fd < 0)
		pce_fail(err, PCE_UNSUPPORTED, "the kernel refuses to count flows: %s: %.200s",
			 strerror(errno), strlen(log) > 200 ? log + strlen(log) - 200 : log);
	return fd;
}

static int
make_program(const struct flows *f, uint32_t router, struct pce_error *err)
{
	struct program p = { .n = 0 };

	emit(&p, MOV(6, 1));
	/* What is for another hardware address is on a wire (wires.h), which sends it once more. */
	emit(&p, LOAD(BPF_W, 7, 6, offsetof(struct __sk_buff, pkt_type)));
	emit(&p, IF_EQ(7, PACKET_OTHERHOST, OUT));
	emit_inside(&p, f->network->routers[router].address.octets);
	emit(&p, ADD(8, 24));
	emit_load(&p, 0, true, AT_DESTINATION, 16);
	emit(&p, STORE_IMM(10, AT_KEY, 256));
	emit_map(&p, f->prefixes);
	emit(&p, MOV(2, 10));
	emit(&p, ADD(2, AT_KEY));
	emit(&p, CALL(BPF_FUNC_map_lookup_elem));
	emit(&p, IF_EQ(0, 0, OUT));
	emit(&p, LOAD(BPF_W, 7, 0, 0));
	emit_count(&p, f, router);
	for (unsigned i = 0; i < p.n; i++)
		if (p.at[i].off == OUT)
			p.at[i].off = (int16_t)(p.n - i - 1);
	emit(&p, SET(0, 0)); /* of the packet nothing is wanted */
	emit(&p, EXIT);
	return load(&p, err);
}

/* --- begin and end --- */

enum pce_status
flows_new(const struct lab_network *network, struct site *sites, struct flows **out,
	  struct pce_error *err)
{
	struct flows *f = calloc(1, sizeof *f);

	if (f == NULL)
		return pce_no_memory(err);
	f->network = network;
	f->sites = sites;
	pthread_mutex_init(&f->mutex, NULL);
	f->sockets = malloc((network->n_routers + 1) * sizeof *f->sockets);
	for (uint32_t i = 0; f->sockets != NULL && i < network->n_routers; i++)
		f->sockets[i] = -1;
	f->prefixes =
	    make_map(BPF_MAP_TYPE_LPM_TRIE, sizeof(struct lpm_key), sizeof(uint32_t), PREFIXES_MAX);
	f->counters = make_map(BPF_MAP_TYPE_HASH, sizeof(struct count_key), sizeof(struct count),
			       COUNTERS_MAX);
	if (f->sockets != NULL && f->prefixes >= 0 && f->counters >= 0) {
		*out = f;
		return PCE_OK;
	}
	pce_fail(err, PCE_UNSUPPORTED, "the kernel has no eBPF: %s", strerror(errno));
	flows_free(f);
	return PCE_UNSUPPORTED;
}

/* Every CLOSERS-th socket, from the closer's number on. */
struct closer {
	struct flows *f;
	uint32_t first;
	pthread_t thread;
	bool started;
};

static void *
close_some(void *arg)
{
	const struct closer *c = arg;

	for (uint32_t i = c->first; i < c->f->network->n_routers; i += CLOSERS)
		if (c->f->sockets[i] >= 0)
			close(c->f->sockets[i]);
	return NULL;
}

/* The kernel lets a grace period pass for each packet socket, so they wait side by side. */
static void
close_sockets(struct flows *f)
{
	struct closer closers[CLOSERS];

	for (uint32_t i = 0; i < CLOSERS; i++) {
		closers[i] = (struct closer){ .f = f, .first = i };
		closers[i].started =
		    pthread_create(&closers[i].thread, NULL, close_some, &closers[i]) == 0;
		if (!closers[i].started)
			close_some(&closers[i]);
	}
	for (uint32_t i = 0; i < CLOSERS; i++)
		if (closers[i].started)
			pthread_join(closers[i].thread, NULL);
}

void
flows_free(struct flows *f)
{
	if (f == NULL)
		return;
	if (f->sockets != NULL)
		close_sockets(f);
	if (f->prefixes >= 0)
		close(f->prefixes);
	if (f->counters >= 0)
		close(f->counters);
	free(f->sockets);
	free(f->slots);
	free(f->entries);
	pthread_mutex_destroy(&f->mutex);
	free(f);
}

static enum pce_status
listen_at(struct flows *f, uint32_t router, struct pce_error *err)
{
	enum pce_status status = space_enter(f->sites[router].space, err);
	int program, ok = -1;

	if (status)
		return status;
	program = make_program(f, router, err);
	if (program < 0)
		return PCE_UNSUPPORTED;
	/* With protocol 0 it hears nothing before the program is there. */
	f->sockets[router] =
	    socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_IPV6));
	if (f->sockets[router] >= 0)
		ok = setsockopt(f->sockets[router], SOL_SOCKET, SO_ATTACH_BPF, &program,
				sizeof program);
	close(program);
	return ok == 0 ? PCE_OK
		       : pce_fail(err, PCE_IO, "%s: flows cannot be counted: %s",
				  f->network->routers[router].name, strerror(errno));
}

enum pce_status
flows_start(struct flows *f, struct pce_error *err)
{
	int here = space_here();
	enum pce_status status = PCE_OK;

	if (here < 0)
		return pce_fail(err, PCE_IO, "no namespace: %s", strerror(errno));
	for (uint32_t i = 0; i < f->network->n_routers && !status; i++)
		status = listen_at(f, i, err);
	if (space_enter(here, NULL) && !status)
		status = pce_fail(err, PCE_IO, "the way back to the namespace is lost");
	close(here);
	return status;
}

/* --- policies --- */

static uint32_t
slot_of(struct flows *f, uint32_t headend, const struct flows_prefix *at)
{
	for (uint32_t i = 0; i < f->n_slots; i++) {
		struct slot *s = &f->slots[i];

		if (s->headend == headend && s->color == at->color &&
		    ip_compare(&s->endpoint, &at->endpoint) == 0) {
			s->there = true;
			return i;
		}
	}
	if (array_reserve(&f->slots, &f->slots_cap, f->n_slots + 1, sizeof *f->slots, NULL))
		return UINT32_MAX;
	f->slots[f->n_slots] = (struct slot){ headend, at->color, at->endpoint, true };
	return (uint32_t)f->n_slots++;
}

static struct lpm_key
key_of(const struct flows *f, uint32_t headend, const struct ip_prefix *prefix)
{
	struct lpm_key key = { .bits = 128u + prefix->len };

	memcpy(key.headend, f->network->routers[headend].address.octets, 16);
	memcpy(key.destination, prefix->addr.octets, 16);
	return key;
}

static struct entry *
find_entry(struct flows *f, uint32_t headend, const struct ip_prefix *prefix)
{
	for (size_t i = 0; i < f->n_entries; i++) {
		struct entry *e = &f->entries[i];

		if (e->headend == headend && e->prefix.len == prefix->len &&
		    ip_compare(&e->prefix.addr, &prefix->addr) == 0)
			return e;
	}
	return NULL;
}

static bool
want(struct flows *f, uint32_t headend, const struct flows_prefix *at)
{
	struct lpm_key key = key_of(f, headend, &at->prefix);
	struct entry *e = find_entry(f, headend, &at->prefix);
	uint32_t slot = slot_of(f, headend, at);

	if (slot == UINT32_MAX)
		return false;
	if (e == NULL) {
		if (array_reserve(&f->entries, &f->entries_cap, f->n_entries + 1,
				  sizeof *f->entries, NULL))
			return false;
		e = &f->entries[f->n_entries++];
	}
	*e = (struct entry){ headend, slot, at->prefix, true };
	return map_do(BPF_MAP_UPDATE_ELEM, f->prefixes, &key, &slot);
}

/* Takes away what a headend does not want any more. */
static void
sweep(struct flows *f, uint32_t headend)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->n_entries; i++) {
		struct entry *e = &f->entries[i];
		struct lpm_key key = key_of(f, e->headend, &e->prefix);

		if (e->headend == headend && !e->wanted)
			(void)map_do(BPF_MAP_DELETE_ELEM, f->prefixes, &key, NULL);
		else
			f->entries[kept++] = *e;
	}
	f->n_entries = kept;
}

enum pce_status
flows_set(struct flows *f, uint32_t headend, const struct flows_prefix *prefixes, size_t n,
	  struct pce_error *err)
{
	bool ok = true;

	pthread_mutex_lock(&f->mutex);
	for (size_t i = 0; i < f->n_slots; i++)
		f->slots[i].there = f->slots[i].there && f->slots[i].headend != headend;
	for (size_t i = 0; i < f->n_entries; i++)
		f->entries[i].wanted = false;
	for (size_t i = 0; i < n; i++)
		if (prefixes[i].prefix.addr.family == IP_V6)
			ok = want(f, headend, &prefixes[i]) && ok;
	sweep(f, headend);
	pthread_mutex_unlock(&f->mutex);
	return ok ? PCE_OK : pce_fail(err, PCE_LIMIT, "too many prefixes to be counted");
}

void
flows_read(struct flows *f, uint32_t router,
	   void (*visit)(void *ctx, const struct flows_count *count), void *ctx)
{
	pthread_mutex_lock(&f->mutex);
	for (uint32_t i = 0; i < f->n_slots; i++) {
		const struct slot *s = &f->slots[i];
		struct count_key key = { router, i };
		struct count count;
		struct flows_count told;

		if (!s->there || !map_do(BPF_MAP_LOOKUP_ELEM, f->counters, &key, &count))
			continue;
		told = (struct flows_count){ s->headend, s->color, s->endpoint, count.packets,
					     count.octets };
		visit(ctx, &told);
	}
	pthread_mutex_unlock(&f->mutex);
}
