#pragma once
// A statement has a name, used for logs, metrics (as a label: names are constants) and error texts. They live in
// apps/<svc>/sql.hpp.
namespace prompted::pg {

struct Statement {
  const char* name;
  const char* text;  ///< always with $n parameters; never built at run time
};

}  // namespace prompted::pg
