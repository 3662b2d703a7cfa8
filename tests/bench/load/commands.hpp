#pragma once
// The commands of bench_load. Each prints one JSON object on stdout; a wrong answer or an unexpected state throws.
namespace prompted::bench {

int limit(int argc, char** argv);        ///< what libpq alone reaches: a message's life, the queue, single-row commits
int publish(int argc, char** argv);      ///< to mqwriter, as fast as it answers or at a rate
int consume(int argc, char** argv);      ///< lease and ack at once, from mqreader
int probe(int argc, char** argv);        ///< one message after the other: publish until visible by apigw
int skip_locked(int argc, char** argv);  ///< the plain SQL queue that we are compared with
int redis(int argc, char** argv);        ///< Redis streams, likewise
int nats(int argc, char** argv);         ///< NATS JetStream, likewise
int rabbitmq(int argc, char** argv);     ///< a RabbitMQ quorum queue, likewise; only with PROMPTED_RABBITMQ

}  // namespace prompted::bench
