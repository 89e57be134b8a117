// SPDX-License-Identifier: Apache-2.0
// Stops elaboration with a sentence where parameters cannot be built: each module asks for what it depends on.
//
// Icarus 11 has no elaboration system tasks; there the sentence is the name of a module that does not exist.
module require #(
    parameter bit Array = 1,
    parameter bit Format = 1,
    parameter bit Widths = 1,
    parameter bit Binary32 = 1,
    parameter bit Stages = 1,
    parameter bit Machine = 1,
    parameter bit Sizes = 1,
    parameter bit Memories = 1
);
`ifdef __ICARUS__
  if (!Array) begin : g_array
    Rows_and_Cols_must_each_be_at_least_1 i_error ();
  end
  if (!Format) begin : g_format
    Format_must_be_0_or_1_or_2 i_error ();
  end
  if (!Widths) begin : g_widths
    operand_widths_must_be_at_least_1_and_SumBits_must_hold_a_product i_error ();
  end
  if (!Binary32) begin : g_binary32
    binary32_needs_ActBits_32_SumBits_32_and_WeightBits_8_in_Format_1_or_32_in_Format_2 i_error ();
  end
  if (!Stages) begin : g_stages
    Stages_must_be_at_least_1 i_error ();
  end
  if (!Machine) begin : g_machine
    ScanBits_must_be_a_power_of_two_and_PortBits_not_negative i_error ();
  end
  if (!Sizes) begin : g_sizes
    SizeBits_and_TileBits_must_each_be_at_least_1 i_error ();
  end
  if (!Memories) begin : g_memories
    BitmapAddrBits_must_be_at_least_2_and_the_AddrBits_of_the_other_memories_1 i_error ();
  end
`else
  if (!Array) begin : g_array
    $fatal(1, "Rows and Cols must each be at least 1");
  end
  if (!Format) begin : g_format
    $fatal(1, "Format must be 0, 1 or 2");
  end
  if (!Widths) begin : g_widths
    $fatal(1, "operand widths must be at least 1, and SumBits must hold a product");
  end
  if (!Binary32) begin : g_binary32
    $fatal(1, "binary32 needs ActBits 32, SumBits 32, and WeightBits 8 in Format 1 or 32 in Format 2");
  end
  if (!Stages) begin : g_stages
    $fatal(1, "Stages must be at least 1");
  end
  if (!Machine) begin : g_machine
    $fatal(1, "ScanBits must be a power of two, and PortBits not negative");
  end
  if (!Sizes) begin : g_sizes
    $fatal(1, "SizeBits and TileBits must each be at least 1");
  end
  if (!Memories) begin : g_memories
    $fatal(1, "BitmapAddrBits must be at least 2, and the AddrBits of the other memories 1");
  end
`endif
endmodule
