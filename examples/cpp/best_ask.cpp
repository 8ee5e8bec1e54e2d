// Prints a pair's best ask some times, and leaves: krakenws as a child, one JSON object a line in and out.
//
//   c++ -std=c++17 -o best_ask best_ask.cpp
//   ./best_ask PAIR COUNT [options of krakenws, such as --sandbox]
//
// KRAKENWS is how krakenws is started, if not by that name. C++17 and POSIX, no libraries.
//
// A real program would read the records with a JSON library. Here a search for text does, because krakenws keeps two
// promises: the keys of a record always come in the same order, and there is never a blank between them.

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

// A session whose sockets stay open.
class Krakenws {
 public:
  explicit Krakenws(const std::vector<std::string>& options) {
    const char* configured = std::getenv("KRAKENWS");
    std::string command = configured != nullptr ? configured : "krakenws";
    command += " shell --input ndjson \"$@\"";

    int in[2];
    int out[2];
    if (pipe(in) != 0 || pipe(out) != 0) throw std::runtime_error("cannot make a pipe");
    process_ = fork();
    if (process_ < 0) throw std::runtime_error("cannot start a process");
    if (process_ == 0) {
      dup2(in[0], STDIN_FILENO);
      dup2(out[1], STDOUT_FILENO);
      for (int end : {in[0], in[1], out[0], out[1]}) close(end);
      std::vector<char*> words;
      for (const char* word : {"sh", "-c", command.c_str(), "sh"}) words.push_back(const_cast<char*>(word));
      for (const std::string& option : options) words.push_back(const_cast<char*>(option.c_str()));
      words.push_back(nullptr);
      execvp("sh", words.data());
      _exit(127);
    }
    close(in[0]);
    close(out[1]);
    to_ = fdopen(in[1], "w");
    from_ = fdopen(out[0], "r");
  }

  Krakenws(const Krakenws&) = delete;
  Krakenws& operator=(const Krakenws&) = delete;

  ~Krakenws() {
    if (process_ > 0) wait();
  }

  // Starts a command. Its records carry the name as "cause"; the one on channel "result" ends it. The words must hold
  // nothing that JSON would want escaped: pairs and names of commands do not.
  void send(const std::string& name, const std::string& command, const std::vector<std::string>& words = {}) {
    std::string list;
    for (const std::string& word : words) list += (list.empty() ? "\"" : ",\"") + word + "\"";
    std::fprintf(to_, "{\"id\":\"%s\",\"cmd\":\"%s\",\"args\":[%s]}\n", name.c_str(), command.c_str(), list.c_str());
    std::fflush(to_);
  }

  // The next record, or false at the end of the session.
  bool next(std::string& record) {
    char* line = nullptr;
    std::size_t capacity = 0;
    const ssize_t length = getline(&line, &capacity, from_);
    if (length > 0) record.assign(line, static_cast<std::size_t>(length));
    std::free(line);
    return length > 0;
  }

  // The exit code of the session, once it has ended.
  int wait() {
    std::fclose(to_);
    std::fclose(from_);
    int status = 0;
    waitpid(process_, &status, 0);
    process_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
  }

 private:
  pid_t process_ = 0;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

bool has(const std::string& record, const std::string& text) { return record.find(text) != std::string::npos; }

// The text between `before` and the next quote; empty if `before` is not there.
std::string between(const std::string& record, const std::string& before) {
  const std::size_t at = record.find(before);
  if (at == std::string::npos) return "";
  const std::size_t start = at + before.size();
  return record.substr(start, record.find('"', start) - start);
}

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: best_ask PAIR COUNT [options of krakenws]\n";
    return 2;
  }
  // A session that has ended is noticed by its last record, not by a signal.
  std::signal(SIGPIPE, SIG_IGN);
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  int remaining = std::stoi(arguments[1]);
  Krakenws krakenws({arguments.begin() + 2, arguments.end()});
  krakenws.send("feed", "subscribe", {"ticker", arguments[0]});

  std::string record;
  while (krakenws.next(record)) {
    if (has(record, "\"channel\":\"ticker\"") && remaining > 0) {
      std::cout << between(record, "\"ask\":{\"price\":\"") << std::endl;
      if (--remaining == 0) krakenws.send("farewell", "unsubscribe", {"all"});
    } else if (has(record, "\"channel\":\"result\",\"type\":\"error\"")) {
      std::cerr << "krakenws: " << between(record, "\"message\":\"") << "\n";
      krakenws.wait();
      return std::stoi(record.substr(record.find("\"exit\":") + 7));
    } else if (has(record, "\"cause\":\"farewell\",\"channel\":\"result\"")) {
      krakenws.send("quit", "exit");
    }
  }
  return krakenws.wait();
}
