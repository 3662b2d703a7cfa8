#include "load/pq.hpp"

#include <stdexcept>

namespace prompted::bench {

Parameters& Parameters::add(pg::Array& array) {
  all_.push_back({});
  all_.back().bytes = &array.bytes();
  return *this;
}

Parameters& Parameters::add(std::string text) {
  all_.push_back({});
  all_.back().text = std::move(text);
  return *this;
}

Parameters& Parameters::add_null() {
  all_.push_back({});
  all_.back().null = true;
  return *this;
}

Pq::Pq(const std::string& dsn, const std::vector<std::string>& settings) : connection_(PQconnectdb(dsn.c_str())) {
  if (PQstatus(connection_.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection_.get()));
  for (const auto& setting : settings) run(setting.c_str());
}

Result Pq::checked(PGresult* made, const char* name) {
  Result result(made);
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    throw std::runtime_error(std::string(name) + ": " + PQerrorMessage(connection_.get()));
  return result;
}

Result Pq::run(const char* text) { return checked(PQexec(connection_.get(), text), text); }

Result Pq::run(const pg::Statement& statement, const Parameters& parameters) {
  std::vector<const char*> values;
  std::vector<int> lengths, formats;
  for (const auto& one : parameters.all_) {
    values.push_back(one.null ? nullptr : one.bytes ? one.bytes->data() : one.text.c_str());
    lengths.push_back(one.bytes ? static_cast<int>(one.bytes->size()) : 0);
    formats.push_back(one.bytes ? 1 : 0);
  }
  PGresult* made = PQexecParams(connection_.get(), statement.text, static_cast<int>(values.size()), nullptr,
                                values.data(), lengths.data(), formats.data(), 0);
  return checked(made, statement.name);
}

}  // namespace prompted::bench
