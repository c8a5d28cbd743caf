#include "frontend/FunctionBody.h"

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace octet {

namespace {

struct CallSite {
  llvm::StringMap<onnx::AttributeProto> attributes;
  llvm::StringSet<> missingInputs;
};

} // namespace

// Defaults came with ONNX 1.13, as field 11 of a function, which the installed schema need not
// know.
static void addDefaults(const onnx::FunctionProto &function, CallSite &site) {
  using google::protobuf::internal::WireFormatLite;
  constexpr int kAttributeProto = 11;
  const std::string &bytes = function.unknown_fields();
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const uint8_t *>(bytes.data()),
                                                static_cast<int>(bytes.size()));
  while (uint32_t tag = stream.ReadTag()) {
    if (tag !=
        WireFormatLite::MakeTag(kAttributeProto, WireFormatLite::WIRETYPE_LENGTH_DELIMITED)) {
      if (!WireFormatLite::SkipField(&stream, tag))
        return;
      continue;
    }
    uint32_t size;
    std::string content;
    onnx::AttributeProto attribute;
    if (!stream.ReadVarint32(&size) || !stream.ReadString(&content, static_cast<int>(size)) ||
        !attribute.ParseFromString(content))
      return;
    std::string name = attribute.name();
    site.attributes[name] = std::move(attribute);
  }
}

static void bind(onnx::GraphProto &graph, const CallSite &site);

static void bind(onnx::NodeProto &node, const CallSite &site) {
  for (std::string &input : *node.mutable_input())
    if (site.missingInputs.contains(input))
      input.clear();
  google::protobuf::RepeatedPtrField<onnx::AttributeProto> attributes;
  for (onnx::AttributeProto &attribute : *node.mutable_attribute()) {
    if (attribute.ref_attr_name().empty()) {
      if (attribute.has_g())
        bind(*attribute.mutable_g(), site);
      for (onnx::GraphProto &graph : *attribute.mutable_graphs())
        bind(graph, site);
      attributes.Add(std::move(attribute));
      continue;
    }
    // Without a value it is as if the node did not have it.
    auto given = site.attributes.find(attribute.ref_attr_name());
    if (given == site.attributes.end())
      continue;
    onnx::AttributeProto &bound = *attributes.Add();
    bound = given->second;
    bound.set_name(attribute.name());
  }
  node.mutable_attribute()->Swap(&attributes);
}

static void bind(onnx::GraphProto &graph, const CallSite &site) {
  for (onnx::NodeProto &node : *graph.mutable_node())
    bind(node, site);
}

onnx::GraphProto makeFunctionBody(const onnx::FunctionProto &function,
                                  const onnx::NodeProto &call) {
  CallSite site;
  addDefaults(function, site);
  for (const onnx::AttributeProto &attribute : call.attribute())
    site.attributes[attribute.name()] = attribute;
  onnx::GraphProto body;
  for (int i = 0; i < function.input_size(); ++i) {
    if (i < call.input_size() && !call.input(i).empty())
      body.add_input()->set_name(function.input(i));
    else
      site.missingInputs.insert(function.input(i));
  }
  for (const std::string &output : function.output())
    body.add_output()->set_name(output);
  *body.mutable_node() = function.node();
  bind(body, site);
  return body;
}

} // namespace octet
