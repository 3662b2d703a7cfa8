#pragma once
// The commands of bench_load. Each prints one JSON object on stdout; a wrong response or an unexpected state throws.
namespace prompted::bench {

int limit(int argc, char** argv);        ///< what libpq alone achieves: a message's life, the queue, single-row commits
int publish(int argc, char** argv);      ///< publishes to mqwriter, as fast as it responds or at a given rate
int consume(int argc, char** argv);      ///< leases from mqreader and acks at once
int probe(int argc, char** argv);        ///< one message at a time: from publish until visible through apigw
int skip_locked(int argc, char** argv);  ///< the plain SQL queue that prompted is compared with
int redis(int argc, char** argv);        ///< Redis streams, likewise
int nats(int argc, char** argv);         ///< NATS JetStream, likewise
int rabbitmq(int argc, char** argv);     ///< a RabbitMQ quorum queue, likewise; only with PROMPTED_RABBITMQ

}  // namespace prompted::bench
