"""Pictures: pretrained and small vision transformers, convolutional nets and perceptrons, judged by top-1 accuracy."""
