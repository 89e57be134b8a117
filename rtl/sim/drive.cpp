// SPDX-License-Identifier: Apache-2.0
// Runs one job on rtl/top.sv in Verilator: drive JOB RESULT SEED PACE_IN PACE_OUT
//
// JOB and RESULT are files of little-endian 32-bit words. JOB: the seven fields of the job port, then, for bitmap,
// activations and weights, the number of words and the words, each in as many 32-bit pieces as its port needs. RESULT:
// error, cycles in which busy was up, cycles_o, passes_o, pieces of a result word, number of result words, the words.
// A word is offered, and a place for one, with chance PACE in a cycle. Prints {"simulated_cycles", "seconds"} in CPU time.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>
#include <type_traits>
#include <vector>

#include "Vtop.h"
#include "verilated.h"

using Words = std::vector<uint32_t>;

// A port is a plain integer up to 64 bits and an array of 32-bit words above.
template <typename Port>
constexpr size_t pieces() {
  return (sizeof(Port) + 3) / 4;
}

template <typename Port>
void put(Port& port, const uint32_t* from) {
  if constexpr (std::is_integral_v<Port>) {
    uint64_t value = from[0];
    if constexpr (sizeof(Port) > 4) value |= uint64_t(from[1]) << 32;
    port = static_cast<Port>(value);
  } else {
    for (size_t i = 0; i < pieces<Port>(); i++) port[i] = from[i];
  }
}

template <typename Port>
void get(const Port& port, Words& to) {
  if constexpr (std::is_integral_v<Port>) {
    to.push_back(uint32_t(port));
    if constexpr (sizeof(Port) > 4) to.push_back(uint32_t(uint64_t(port) >> 32));
  } else {
    for (size_t i = 0; i < pieces<Port>(); i++) to.push_back(port[i]);
  }
}

class Chance {
 public:
  Chance(uint32_t seed, double pace) : random_(seed), always_(pace >= 1.0), chance_(pace) {}
  bool now() { return always_ || chance_(random_); }

 private:
  std::mt19937 random_;
  bool always_;
  std::bernoulli_distribution chance_;
};

// One stream into the machine: offers a word until it is taken.
struct Stream {
  Words words;
  size_t count = 0, at = 0;
  bool offered = false;

  template <typename Port>
  void offer(uint8_t& valid, Port& data, uint8_t& last, Chance& chance) {
    if (!offered && at < count && chance.now()) {
      offered = true;
      put(data, &words[at * pieces<Port>()]);
      last = at + 1 == count;
    }
    valid = offered;
  }
  void settle(bool ready) {
    if (offered && ready) {
      offered = false;
      at++;
    }
  }
};

Words read_file(const char* path) {
  FILE* file = std::fopen(path, "rb");
  if (!file) {
    std::perror(path);
    std::exit(2);
  }
  Words words;
  uint32_t word;
  while (std::fread(&word, 4, 1, file) == 1) words.push_back(word);
  std::fclose(file);
  return words;
}

template <typename Port>
Stream read_stream(const Words& job, size_t& at) {
  Stream stream;
  stream.count = job.at(at++);
  const size_t size = stream.count * pieces<Port>();
  if (at + size > job.size()) {
    std::fprintf(stderr, "drive: the job file ends within a stream\n");
    std::exit(2);
  }
  stream.words.assign(job.begin() + at, job.begin() + at + size);
  at += size;
  return stream;
}

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr, "usage: drive JOB RESULT SEED PACE_IN PACE_OUT\n");
    return 2;
  }
  const Words job = read_file(argv[1]);
  Chance chance_in(std::atoi(argv[3]), std::atof(argv[4])), chance_out(std::atoi(argv[3]) + 1, std::atof(argv[5]));

  Vtop top;
  uint64_t ticks = 0;
  auto edge = [&] {  // inputs are set; outputs were read; one rising edge
    top.clk_i = 1;
    top.eval();
    top.clk_i = 0;
    top.eval();
    ticks++;
  };
  top.clk_i = 0;
  top.rst_ni = 0;
  top.eval();  // before the first edge, or it is lost
  for (int i = 0; i < 3; i++) edge();
  top.rst_ni = 1;

  size_t at = 0;
  top.job_mode_i = job.at(at++);
  top.job_dense_i = job.at(at++);
  top.job_no_weights_i = job.at(at++);
  top.job_m_i = job.at(at++);
  top.job_k_tiles_i = job.at(at++);
  top.job_n_tiles_i = job.at(at++);
  top.job_last_rows_i = job.at(at++);
  Stream bitmap = read_stream<decltype(top.bitmap_data_i)>(job, at);
  Stream act = read_stream<decltype(top.act_data_i)>(job, at);
  Stream weight = read_stream<decltype(top.weight_data_i)>(job, at);

  const std::clock_t begin = std::clock();
  top.job_valid_i = 1;
  edge();
  top.job_valid_i = 0;

  uint64_t busy = 0, results = 0;
  Words words;
  for (bool done = false; !done;) {
    bitmap.offer(top.bitmap_valid_i, top.bitmap_data_i, top.bitmap_last_i, chance_in);
    act.offer(top.act_valid_i, top.act_data_i, top.act_last_i, chance_in);
    weight.offer(top.weight_valid_i, top.weight_data_i, top.weight_last_i, chance_in);
    top.result_ready_i = chance_out.now();
    top.eval();
    bitmap.settle(top.bitmap_ready_o);
    act.settle(top.act_ready_o);
    weight.settle(top.weight_ready_o);
    busy += top.busy_o;
    if (top.result_valid_o && top.result_ready_i) {
      get(top.result_data_o, words);
      results++;
    }
    edge();
    done = top.job_ready_o;
  }
  const double seconds = double(std::clock() - begin) / CLOCKS_PER_SEC;

  const uint32_t head[] = {uint32_t(top.error_o), uint32_t(busy), uint32_t(top.cycles_o), uint32_t(top.passes_o),
                           uint32_t(pieces<decltype(top.result_data_o)>()), uint32_t(results)};
  FILE* out = std::fopen(argv[2], "wb");
  if (!out) {
    std::perror(argv[2]);
    return 2;
  }
  std::fwrite(head, 4, 6, out);
  std::fwrite(words.data(), 4, words.size(), out);
  std::fclose(out);
  std::printf("{\"simulated_cycles\": %llu, \"seconds\": %.6f}\n", (unsigned long long)ticks, seconds);
  return 0;
}
