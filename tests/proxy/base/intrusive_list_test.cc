// IntrusiveList: order, and elements that leave or die while they are linked.

#include "proxy/base/intrusive_list.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>

namespace peerpool {
namespace {

struct Element : ListNode {
  explicit Element(char value) : name(value) {}
  char name;
};

std::string names(const IntrusiveList<Element>& list) {
  std::string result;
  for (const Element* element = list.front(); element != nullptr; element = list.after(*element)) {
    result += element->name;
  }
  return result;
}

TEST_CASE("elements come out in the order they went in") {
  Element a('a');
  Element b('b');
  Element c('c');
  IntrusiveList<Element> list;
  CHECK(list.empty());
  CHECK(list.popFront() == nullptr);
  list.pushBack(a);
  list.pushBack(b);
  list.pushFront(c);
  CHECK(names(list) == "cab");
  CHECK(list.countSlowly() == 3);
  CHECK(list.popFront() == &c);
  CHECK_FALSE(c.linked());
  CHECK(names(list) == "ab");
}

TEST_CASE("an element that dies or unlinks itself is out of the list") {
  IntrusiveList<Element> list;
  Element a('a');
  list.pushBack(a);
  {
    Element b('b');
    list.pushBack(b);
    CHECK(names(list) == "ab");
  }
  CHECK(names(list) == "a");
  a.unlink();
  a.unlink();
  CHECK(list.empty());
}

TEST_CASE("splice moves all elements behind those that are there") {
  IntrusiveList<Element> list;
  IntrusiveList<Element> other;
  Element a('a');
  Element b('b');
  Element c('c');
  list.pushBack(a);
  other.pushBack(b);
  other.pushBack(c);
  list.splice(other);
  CHECK(other.empty());
  CHECK(names(list) == "abc");
}

TEST_CASE("a list that dies first leaves its elements unlinked") {
  Element a('a');
  {
    IntrusiveList<Element> list;
    list.pushBack(a);
    CHECK(a.linked());
  }
  CHECK_FALSE(a.linked());
}

}  // namespace
}  // namespace peerpool
