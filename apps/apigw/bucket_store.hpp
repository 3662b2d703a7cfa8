#pragma once
// Reduced values, a page at a time. For telemetry_store.cpp: it runs inside its jobs.
#include "apigw/page.hpp"
#include "postgres/session.hpp"

namespace prompted::apigw {

/// A page covers whole buckets of a stretch of time, so that a statement reads and reduces a bounded stretch, whatever
/// the window; stretches without rows are skipped. It ends when it is full, or has taken a second and holds something.
Page bucket_page(pg::Session& session, const Selection& selection, PageSize size, bool first);

}  // namespace prompted::apigw
