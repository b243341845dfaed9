// A doubly linked list whose links live in the elements: no allocation, and an element that dies
// takes itself out.

#pragma once

#include <cstddef>

namespace peerpool {

/// Base of what can be in one IntrusiveList at a time. Unlinks itself when destroyed.
class ListNode {
 public:
  ListNode() noexcept = default;
  ListNode(const ListNode&) = delete;
  ListNode& operator=(const ListNode&) = delete;

  [[nodiscard]] bool linked() const noexcept { return next_ != nullptr; }
  void unlink() noexcept {
    if (linked()) {
      next_->previous_ = previous_;
      previous_->next_ = next_;
      next_ = previous_ = nullptr;
    }
  }

 protected:
  ~ListNode() { unlink(); }

 private:
  template <typename T>
  friend class IntrusiveList;
  ListNode* next_ = nullptr;
  ListNode* previous_ = nullptr;
};

/// Elements of T, which derives from ListNode; the list owns none of them. All on one thread.
template <typename T>
class IntrusiveList {
 public:
  IntrusiveList() noexcept { head_.next_ = head_.previous_ = &head_; }
  ~IntrusiveList() {
    clear();
    head_.next_ = head_.previous_ = nullptr;
  }
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;

  [[nodiscard]] bool empty() const noexcept { return head_.next_ == &head_; }
  /// The oldest element, or null.
  [[nodiscard]] T* front() const noexcept {
    return empty() ? nullptr : static_cast<T*>(head_.next_);
  }
  /// The element after `node`, or null at the end.
  [[nodiscard]] T* after(const T& node) const noexcept {
    ListNode* next = static_cast<const ListNode&>(node).next_;
    return next == &head_ ? nullptr : static_cast<T*>(next);
  }
  /// Takes the oldest element out, or null.
  T* popFront() noexcept {
    T* node = front();
    if (node != nullptr) {
      static_cast<ListNode*>(node)->unlink();
    }
    return node;
  }
  /// `node` must not be in a list.
  void pushBack(T& node) noexcept { insertBefore(head_, node); }
  void pushFront(T& node) noexcept { insertBefore(*head_.next_, node); }
  void clear() noexcept {
    while (popFront() != nullptr) {
    }
  }
  /// Counts by walking: not for the data path.
  [[nodiscard]] std::size_t countSlowly() const noexcept {
    std::size_t count = 0;
    for (const ListNode* node = head_.next_; node != &head_; node = node->next_) {
      ++count;
    }
    return count;
  }
  /// Moves all elements of `other` behind ours, in order.
  void splice(IntrusiveList& other) noexcept {
    while (T* node = other.popFront()) {
      pushBack(*node);
    }
  }

 private:
  static void insertBefore(ListNode& position, ListNode& node) noexcept {
    node.next_ = &position;
    node.previous_ = position.previous_;
    position.previous_->next_ = &node;
    position.previous_ = &node;
  }

  struct Head : ListNode {};
  Head head_;
};

}  // namespace peerpool
